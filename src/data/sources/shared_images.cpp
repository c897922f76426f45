#include "data/sources/shared_images.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "alexnet/error.h"
#include "base/digest.h"

namespace alexnet {
namespace {

/// Images by their size in bytes.
using BySize = std::unordered_map<std::size_t, std::vector<std::size_t>>;

/// Reads images until they are too many.
class Reader {
 public:
  explicit Reader(std::size_t max_bytes) : left_(max_bytes) {}

  bool done() const { return left_ == 0; }
  std::optional<std::uint64_t> digest(const ImageSource& source, std::size_t i) {
    try {
      const Bytes bytes = source.encoded(i);
      left_ -= std::min(left_, bytes.data.size());
      Digest sum;
      sum.add(bytes.data);
      return sum.value();
    } catch (const DataError&) {  // the loader will name it
      return std::nullopt;
    }
  }

 private:
  std::size_t left_;
};

}  // namespace

SharedImages find_shared_images(const ImageSource& training, const ImageSource& validation) {
  constexpr std::size_t kLooks = 2000, kMaxBytes = std::size_t{1} << 30;
  SharedImages result;
  result.looked_at = std::min(validation.size(), kLooks);
  BySize asked, candidates;
  for (std::size_t look = 0; look < result.looked_at; ++look) {
    const std::size_t i = look * validation.size() / result.looked_at;
    if (const std::size_t bytes = validation.encoded_size(i); bytes > 0) asked[bytes].push_back(i);
  }
  for (std::size_t i = 0; i < training.size() && !asked.empty(); ++i)
    if (const std::size_t bytes = training.encoded_size(i); asked.contains(bytes))
      candidates[bytes].push_back(i);
  Reader reader(kMaxBytes);
  for (const auto& [bytes, images] : candidates) {
    std::unordered_map<std::uint64_t, std::size_t> known;  // training images by digest
    for (const std::size_t i : images)
      if (const auto digest = reader.done() ? std::nullopt : reader.digest(training, i))
        known.emplace(*digest, i);
    for (const std::size_t i : asked.at(bytes)) {
      const auto digest = reader.digest(validation, i);
      const auto found = digest ? known.find(*digest) : known.end();
      if (found == known.end()) continue;
      if (result.shared++ > 0) continue;
      result.validation = validation.name(i);
      result.training = training.name(found->second);
    }
  }
  return result;
}

}  // namespace alexnet
