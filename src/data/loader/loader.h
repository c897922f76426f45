// From an ImageSource to normalised batches, while the network trains on the last one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/image.h"
#include "data/augment/augment_options.h"

namespace alexnet {

enum class Cache { kAuto, kRam, kOff };

struct LoaderOptions {
  Preprocessing preprocessing;  // mean and standard deviation included
  int channels = 3;
  int batch = 128;
  /// The part of every batch that is delivered: `rows` from `first_row` on, or all that follow where `rows`
  /// is 0. Which images a batch holds, in which order and with which crops, does not depend on it. In
  /// training the part of every batch is delivered, and whole. An evaluation leaves it out where it has no
  /// row, as the last batch's may, or none that can be read.
  int first_row = 0, rows = 0;
  AugmentOptions augment{};
  bool shuffle = false;
  /// Training: only whole batches, images that cannot be read are replaced. Evaluation: every image once,
  /// in order; images that cannot be read are left out and the last batch may be short.
  bool training = false;
  std::uint64_t seed = 0;
  int workers = 2;
  int ring = 3;  // batches held ready
  Cache cache = Cache::kAuto;
  /// Bytes the cache of scaled images may take; 0: a third of what the machine has free.
  std::size_t cache_bytes = 0;
  /// An image that cannot be read is an error at once.
  bool strict = false;
  /// More than this fraction of unreadable images is an error: of all images, where whole batches are
  /// delivered. A loader of a part knows only the images it looked at (those that have a place in its part
  /// of an epoch, and in later epochs of training ever more of the others), and counts among these. An error
  /// is then a fraction so far above `max_bad` that chance does not explain it (three standard deviations):
  /// few bad images end no run of several processes that one process would have finished, and a set with
  /// far too many is found in the first epoch, however small the part.
  double max_bad = 0.05;
};

/// An image that was left out.
struct BadImage {
  std::size_t index = 0;
  std::string name, reason;
};

struct Batch {
  std::span<const float> images;  // [labels.size(), channels, crop_height, crop_width]
  std::span<const int> labels;
  std::span<const std::int64_t> indices;  // into the source
};

/// The images of a set in the order of an epoch (Fisher-Yates).
std::vector<std::uint32_t> epoch_order(std::size_t images, std::uint64_t seed, std::uint32_t epoch);

/// Where a network's batches come from, epoch by epoch.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// floor(size / batch) in training, ceil in evaluation.
  virtual std::int64_t batches_per_epoch() const = 0;
  /// Starts (or restarts) an epoch at a batch. Work in flight is dropped.
  virtual void start(std::uint32_t epoch, std::int64_t first_batch = 0) = 0;
  /// The next batch, or null at the end of the epoch and before the first is started. It stays valid until
  /// the next call of next() or start(). DataError when there are too many bad images, or, with strict,
  /// one.
  virtual const Batch* next() = 0;
  /// Seconds next() had to wait, since the start of the epoch.
  virtual double waited() const = 0;
  /// Images left out so far, each once, in the order of their index.
  virtual std::vector<BadImage> bad_images() const = 0;
};

/// Workers fill a bounded ring of batches. Which images, in which order, with which crops, is a function of
/// (seed, epoch, position) alone - not of threads, the cache, how batches are divided, or where a run was
/// interrupted.
class Loader final : public BatchSource {
 public:
  Loader(std::shared_ptr<const ImageSource> source, LoaderOptions options);
  ~Loader() override;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  std::int64_t batches_per_epoch() const override;
  void start(std::uint32_t epoch, std::int64_t first_batch = 0) override;
  const Batch* next() override;
  double waited() const override;
  std::vector<BadImage> bad_images() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace alexnet
