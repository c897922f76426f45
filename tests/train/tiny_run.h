// A data set and a network so small that a run takes a fraction of a second with plain loops.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "alexnet/train.h"
#include "train/train.h"

namespace alexnet {

/// Writes IDX files (MNIST's format) of 12x12 gray images in `classes` classes, each a bright block at a
/// place of its own under noise: `train` images for training and `validation` (none: no files) to validate
/// on.
void write_tiny_data(const std::filesystem::path& folder, int train, int validation, int classes = 3);

/// Writes a PNG of one gray level with a block at `place`.
void write_png(const std::filesystem::path& path, int side, int place);

/// conv1 (4 of 3x3) relu1 bn1 pool1 drop1 flatten fc2 prob.
NetworkSpec tiny_network(int width, int height, int depth, int classes, double reg);

/// 4 epochs of 6 steps on write_tiny_data(96, 30), reference engine, a checkpoint after every step.
TrainConfig tiny_config(const std::filesystem::path& data, const std::filesystem::path& out);

/// Watches a run: counts, collects notes, calls back.
class Watcher : public TrainObserver {
 public:
  std::function<void(const StepMetrics&)> on_step;
  std::function<void()> on_validating;
  std::vector<StepMetrics> steps;
  std::vector<EpochMetrics> epochs;
  std::vector<std::string> notes;

  void stepped(const StepMetrics& step) override {
    steps.push_back(step);
    if (on_step) on_step(step);
  }
  void validating(std::int64_t, std::int64_t) override {
    if (on_validating) on_validating();
  }
  void epoch_done(const EpochMetrics& epoch, bool) override { epochs.push_back(epoch); }
  void note(const std::string& text) override { notes.push_back(text); }
};

TrainResult train_tiny(const TrainConfig& config, Watcher& watcher, const std::atomic<bool>* stop = nullptr);
TrainResult resume_tiny(const std::filesystem::path& run, Watcher& watcher,
                        const std::atomic<bool>* stop = nullptr);

/// All that must be the same of two runs: best and last model byte for byte, the checkpoint's weights and
/// momentum, and metrics.jsonl without its timings; as one text that says where it differs.
std::string difference(const std::filesystem::path& run, const std::filesystem::path& other);

}  // namespace alexnet
