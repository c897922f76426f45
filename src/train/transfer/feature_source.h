// Features of images, computed once and kept in memory: the batches a network's head learns from when the
// layers before it are frozen.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "data/loader/batch_part.h"
#include "data/loader/loader.h"
#include "engine/compiled_network.h"
#include "tensor/slab.h"

namespace alexnet {

struct FeatureOptions {
  int batch = 128;
  int first_row = 0, rows = 0;  // the part that is delivered, as LoaderOptions has it
  /// Of each image: crops at places of their own, mirrored half of the time, as the loader makes them for
  /// so many epochs. An epoch takes one of them, drawn anew.
  int views = 1;
  bool training = false;  // as LoaderOptions::training
  bool shuffle = false;
  std::uint64_t seed = 0;
};

/// Bytes that the features of `images` take.
std::size_t feature_bytes(std::size_t images, int views, std::int64_t feature_size);

/// A source of parts has the features of all images nevertheless: in an epoch's order any of them may have
/// its place in the part.
class FeatureSource final : public BatchSource {
 public:
  /// `loading`: how the images are read; its batch is the prefix's, always whole; its order is the
  /// source's. UsageError when a batch does not have the part.
  FeatureSource(std::shared_ptr<const ImageSource> source, const LoaderOptions& loading,
                std::int64_t feature_size, const FeatureOptions& options);

  /// Puts every view of every image through the network. `go_on` is called with how many are done, and ends
  /// it by returning false; false then.
  bool compute(CompiledNetwork& prefix, const std::function<bool(std::int64_t)>& go_on);
  /// Views of images that compute() has to do.
  std::int64_t passes() const { return static_cast<std::int64_t>(image_count_) * options_.views; }

  std::int64_t batches_per_epoch() const override;
  void start(std::uint32_t epoch, std::int64_t first_batch = 0) override;
  /// Null too until compute() has done all.
  const Batch* next() override;
  double waited() const override { return 0; }
  std::vector<BadImage> bad_images() const override { return loader_ ? loader_->bad_images() : bad_; }

 private:
  void add_row(std::size_t place);
  float* row(int view, std::size_t image);
  /// The image at a place of the epoch: the one whose turn it is, or one that could be read.
  std::size_t image_at(std::size_t place) const;

  std::shared_ptr<const ImageSource> source_;
  std::unique_ptr<Loader> loader_;  // until the features are there
  std::vector<BadImage> bad_;
  FeatureOptions options_;
  BatchPart part_;
  std::size_t image_count_, size_;    // size_: floats of a feature
  Slab features_;                     // [views][images][size]
  std::vector<bool> readable_;        // per image
  std::vector<std::uint32_t> order_;  // of the epoch
  std::uint32_t epoch_ = 0;
  std::int64_t next_;  // the batch that is delivered next; at first as at the end of an epoch
  std::vector<const float*> rows_;
  std::vector<float> images_;
  std::vector<int> labels_;
  std::vector<std::int64_t> indices_;
  Batch batch_;
};

}  // namespace alexnet
