#include "inference/picture_batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <new>
#include <thread>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "base/parallel.h"
#include "data/loader.h"

namespace alexnet {
namespace {

using Files = std::span<const std::filesystem::path>;

/// What is wrong with the picture, or nothing.
std::string prepare(const Model& model, const std::filesystem::path& file, std::span<float> chw) {
  try {
    prepare_image(load_image(file, model.spec.input.channels), model.preprocessing, chw);
    return {};
  } catch (const Error& error) {
    return error.fix().empty() ? error.problem() : error.problem() + "; " + error.fix();
  } catch (const std::bad_alloc&) {
    return "does not fit in memory";
  }
}

PictureBatch prepare(const Model& model, std::size_t first, Files files) {
  const auto size = static_cast<std::size_t>(model.spec.input.size());
  PictureBatch batch{first, files, std::vector<float>(files.size() * size),
                     std::vector<std::string>(files.size())};
  const std::size_t workers = std::min(files.size(), static_cast<std::size_t>(thread_count()));
  const auto work = [&](std::size_t from) {
    for (std::size_t i = from; i < files.size(); i += workers)
      batch.errors[i] = prepare(model, files[i], std::span(batch.inputs).subspan(i * size, size));
  };
  std::vector<std::jthread> others;
  for (std::size_t worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
  work(0);
  others.clear();  // waits for them
  return batch;
}

}  // namespace

void for_each_batch(const Model& model, Files files, std::size_t batch,
                    const std::function<void(const PictureBatch&)>& body) {
  if (files.empty()) return;
  const auto part = [&](std::size_t first) {
    return prepare(model, first, files.subspan(first, std::min(batch, files.size() - first)));
  };
  PictureBatch ready = part(0);
  for (std::size_t next = batch; next < files.size(); next += batch) {
    std::future<PictureBatch> reading = std::async(std::launch::async, [&part, next] {
      give_way_to_computing();  // and so do the threads that this one begins
      return part(next);
    });
    body(ready);
    ready = reading.get();
  }
  body(ready);
}

void check_takes_pictures(const NetworkSpec& spec) {
  if (spec.input.channels != 1 && spec.input.channels != 3)
    throw UsageError("model", fmt::format("takes {} channels, pictures have 1 or 3", spec.input.channels),
                     "give it raw numbers (forward)");
}

}  // namespace alexnet
