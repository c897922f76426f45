#include "train/plan/run_identity.h"

#include <algorithm>

#include "alexnet/error.h"
#include "base/digest.h"
#include "data/sources/contents.h"
#include "fmt/format.h"

namespace alexnet {
namespace {

void add_source(Digest& sum, const ImageSource* source) {
  if (source == nullptr) return;
  sum.add(source->size());
  for (std::size_t i = 0; i < source->size(); ++i) {
    sum.add(source->name(i));
    sum.add(static_cast<std::uint64_t>(source->label(i)));
  }
}

void add_content(Digest& sum, const ImageSource* source) {
  constexpr std::size_t kRead = 256;
  if (source == nullptr) return;
  for (std::size_t i = 0; i < source->size(); ++i) sum.add(std::uint64_t{source->encoded_size(i)});
  const std::size_t read = std::min(kRead, source->size());
  for (std::size_t look = 0; look < read; ++look) try {
      sum.add(content_of(*source, look * source->size() / read));
    } catch (const DataError&) {  // the loader will name it
      sum.add(std::uint64_t{0});
    }
}

}  // namespace

std::string difference(const RunIdentity& then, const RunIdentity& now) {
  if (then.images != now.images) return fmt::format("{} images then, {} now", then.images, now.images);
  if (then.data != now.data) return "names or labels of images are others";
  if (then.content && then.content != now.content) return "images under the same names have another content";
  return {};
}

std::uint64_t content_digest_of(const Dataset& data) {
  Digest sum;
  add_content(sum, data.train.get());
  add_content(sum, data.validation.get());
  return sum.value();
}

std::uint64_t data_digest(const Dataset& data) {
  Digest sum;
  for (const std::string& name : data.classes) sum.add(name);
  add_source(sum, data.train.get());
  add_source(sum, data.validation.get());
  return sum.value();
}

RunIdentity identity_of(const Dataset& data, const Preprocessing& preprocessing) {
  const std::size_t validation = data.validation ? data.validation->size() : 0;
  return {.data = data_digest(data),
          .content = content_digest_of(data),
          .images = static_cast<std::int64_t>(data.train->size() + validation),
          .preprocessing = preprocessing};
}

}  // namespace alexnet
