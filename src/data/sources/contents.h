// What images consist of: the one way to tell equal images, whatever they are called.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {

/// A fingerprint of an image: of the bytes of its file, or else of its pixels. DataError when it cannot be
/// read.
std::uint64_t content_of(const ImageSource& source, std::size_t i);

/// Images whose content is asked for. To read large sets takes minutes.
class ContentReader {
 public:
  using Progress = std::function<void(std::int64_t, std::int64_t)>;

  /// `progress` is told how many images are read, of those that are expected, by the thread that calls
  /// read(). Where `stop`, which may be null, is set, no more are read.
  explicit ContentReader(Progress progress = {}, const std::atomic<bool>* stop = nullptr)
      : progress_(std::move(progress)), stop_(stop) {}

  /// Counts images that will be read.
  void expect(std::size_t images) { expected_ += static_cast<std::int64_t>(images); }
  /// The content of some images of a source, in their order; nothing for those that cannot be read. What
  /// cannot be read now is tried again, a few times.
  std::vector<std::optional<std::uint64_t>> read(const ImageSource& source,
                                                 const std::vector<std::size_t>& images);
  /// Whether images were not read because of `stop`.
  bool stopped() const { return stop_ != nullptr && *stop_; }

 private:
  std::optional<std::uint64_t> read_one(const ImageSource& source, std::size_t i);

  Progress progress_;
  const std::atomic<bool>* stop_;
  std::int64_t expected_ = 0, done_ = 0;
  std::atomic<int> failures_ = 0;
};

/// The images of a source that are as large, in bytes, as one of `sizes`: others have another content.
std::vector<std::size_t> images_of_sizes(const ImageSource& source,
                                         const std::unordered_set<std::uint64_t>& sizes);

}  // namespace alexnet
