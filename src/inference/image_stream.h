// Images on their way into a network, a batch at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alexnet/image_input.h"
#include "alexnet/model.h"
#include "data/loader/batch_ring.h"

namespace alexnet {

/// The list must stay.
ImageFeed feed_of(std::span<const ImageInput> inputs);
ImageFeed feed_of(std::span<const std::filesystem::path> files);

/// Prepared images; row i is zeros where errors[i] is not empty.
struct ImageBatch {
  std::size_t first = 0;  // place of inputs[0] among all
  std::span<const ImageInput> inputs;
  std::span<const std::string> errors;
  std::span<const float> images;  // [inputs.size(), channels, height, width]
};

/// All images of a feed in order, prepared as the model says. They are read on as many threads as there are
/// to compute with, but no more than there are images, while the user works on a batch; a single image on
/// the thread that asks. However long the feed is, only a few batches are in memory.
class ImageStream {
 public:
  /// `batch`: images at a time, at least 1.
  ImageStream(const Extent& input, const Preprocessing& preprocessing, std::size_t batch, ImageFeed feed);

  /// The next batch, of `batch` images or, at the end and where a feed is not ready with more, fewer; null
  /// when there are no more. Valid until the next call. An exception of the feed passes through; what came
  /// before it is not lost when the stream is asked again.
  const ImageBatch* next();

 private:
  /// What is known of a batch beside its images.
  struct Slot {
    std::vector<ImageInput> inputs;
    std::vector<std::string> errors;
  };

  void gather(std::size_t wanted, bool may_wait);
  bool begin();
  void submit_ahead();
  void submit();

  const int channels_;
  const Preprocessing& preprocessing_;
  const std::size_t batch_size_, row_values_;
  const ImageFeed feed_;
  std::vector<ImageInput> gathered_;  // from the feed, and in no batch yet
  bool ended_ = false;                // the feed
  std::size_t done_ = 0;
  std::vector<Slot> slots_;
  ImageBatch current_;
  std::optional<BatchRing> ring_;  // the last member: its workers use the others
};

/// UsageError when the network takes something else than images of 1 or 3 channels.
void check_takes_images(const NetworkSpec& spec);

}  // namespace alexnet
