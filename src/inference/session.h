// A trained network in use: prepare, batch, run, read. Everything that runs one goes through here.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alexnet/model.h"
#include "engine/compiled_network.h"
#include "inference/image_stream.h"

namespace alexnet {

/// Puts images, [n, channels, height, width] with n up to the network's batch, into its first rows, and
/// computes an inference pass. The network may be one in training.
void infer(CompiledNetwork& network, std::span<const float> images);

/// DataError naming the model (Model::file) where its results are not finite.
void require_finite(std::span<const float> results, const std::string& model);

struct SessionOptions {
  int batch = 1;  // images computed at a time
  std::string engine = "cpu";
  std::string precision = "f32";      // as Precision; one that the engine does not offer is noted, once
  std::vector<std::string> layers{};  // whose outputs read() is asked for
  std::string last{};                 // nothing behind this layer is computed; empty: all layers
};

/// Several may run at the same time, each on one thread at a time, with set_threads() compute threads each.
/// Those made of one Model, or of copies of it, share its tensors, and copies of fully connected layers'
/// weights in fewer bits, for as long as one of them lives. The weights of convolutions, a twentieth of all,
/// each keeps in its own order.
class Session {
 public:
  /// UsageError when there is no such engine, precision or layer, or `batch` is not at least 1.
  Session(const Model& model, const SessionOptions& options);

  std::size_t batch() const { return static_cast<std::size_t>(network_->batch()); }

  /// Image i of the batch, [channels, height, width]: to be written, then run().
  std::span<float> row(std::size_t i);
  /// Any input, and any results.
  void run();
  // The others are for images: DataError naming the model where their logits are not finite.
  /// Images [n, channels, height, width], n up to batch(); the other rows stay as they are.
  void run(std::span<const float> images);
  /// Prepares one image where the network reads it, and runs. DataError when it cannot be read.
  void run(const ImageInput& input);
  /// Runs all images, a batch at a time, and calls `body` after each; an image that cannot be read is an
  /// error of its own row. Others are read meanwhile (ImageStream). A few images, of a feed that has no
  /// more at the moment or at all, are computed in a smaller batch: the whole one would take as long as if it
  /// were full. `body` may ask for logits(row), probabilities(row) and read().
  void run(ImageFeed feed, const std::function<void(const ImageBatch&)>& body);

  // --- What the last run gave

  /// Of one image, without a trailing softmax; of all, [batch, classes].
  std::span<const float> logits(std::size_t row);
  std::span<const float> logits() { return used_->logits(); }
  /// Of one image, from its logits in double.
  std::vector<float> probabilities(std::size_t row);
  /// The last layer's, softmax included, [batch, classes], as the engine computes it.
  std::span<const float> output() { return used_->output(); }
  /// Of a layer named in the options, or the last one, [batch, channels, height, width].
  void read(const std::string& layer, std::span<float> nchw);

  CompiledNetwork& network() { return *network_; }

 private:
  CompiledNetwork& network_for(std::size_t images);
  void run(CompiledNetwork& network, std::span<const float> images);
  void require_finite_rows(std::size_t count);

  std::string file_;  // the model's
  Extent input_;
  Preprocessing preprocessing_;
  std::unique_ptr<CompiledNetwork> network_, small_;  // the latter for a few images, made when they come
  std::function<std::unique_ptr<CompiledNetwork>()> make_small_;  // empty: there is none
  CompiledNetwork* used_ = nullptr;                               // by the last run
};

}  // namespace alexnet
