#include "data/sources/contents.h"

#include <algorithm>
#include <exception>
#include <span>

#include "base/digest.h"
#include "base/parallel.h"
#include "data/sources/read_again.h"

namespace alexnet {

std::uint64_t content_of(const ImageSource& source, std::size_t i) {
  const Bytes bytes = source.encoded(i);
  if (!bytes.data.empty()) return content_digest(bytes.data);
  const Image image = source.load(i, 3);
  return content_digest(std::as_bytes(std::span(image.pixels)));
}

/// Where a disk or a network is gone for good, waiting for each image would take hours.
std::optional<std::uint64_t> ContentReader::read_one(const ImageSource& source, std::size_t i) {
  constexpr int kMaxWaits = 8;
  try {
    return failures_ < kMaxWaits ? read_again([&] { return content_of(source, i); }) : content_of(source, i);
  } catch (const ReadError&) {
    ++failures_;
  } catch (const std::exception&) {  // it cannot be read
  }
  return std::nullopt;
}

std::vector<std::optional<std::uint64_t>> ContentReader::read(const ImageSource& source,
                                                              const std::vector<std::size_t>& images) {
  constexpr std::size_t kAtOnce = 64;  // between two calls of progress_
  std::vector<std::optional<std::uint64_t>> contents(images.size());
  for (std::size_t first = 0; first < images.size() && !stopped(); first += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, images.size() - first);
    parallel_for(static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end) && !stopped(); ++i)
        contents[first + i] = read_one(source, images[first + i]);
    });
    if (stopped()) break;
    done_ += static_cast<std::int64_t>(count);
    if (progress_) progress_(done_, expected_);
  }
  return contents;
}

std::vector<std::size_t> images_of_sizes(const ImageSource& source,
                                         const std::unordered_set<std::uint64_t>& sizes) {
  std::vector<std::size_t> images;
  for (std::size_t i = 0; i < source.size() && !sizes.empty(); ++i)
    if (sizes.contains(source.encoded_size(i))) images.push_back(i);
  return images;
}

}  // namespace alexnet
