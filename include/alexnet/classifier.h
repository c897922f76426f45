// Using a model: images in, classes and probabilities out.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/export.h"
#include "alexnet/image_input.h"
#include "alexnet/model.h"

namespace alexnet {

/// A class with its probability.
struct Prediction {
  int index = 0;          ///< into Model::classes
  std::string name;       ///< name of the class
  float probability = 0;  ///< 0..1; those of all classes add up to 1
};

/// The result of one image: predictions, most probable first, or an error.
struct Classification {
  std::string file;                     ///< the image's name: a path, or that of its ImageInput
  std::vector<Prediction> predictions;  ///< ClassifierOptions::top of them; empty after an error
  std::string error;                    ///< one line: why the image could not be read; empty: it could
};

/// Options of a Classifier.
struct ClassifierOptions {
  int batch = 1;  ///< images computed at a time
  int top = 5;    ///< predictions per image, at least 1; at most the number of classes are returned
  std::string engine = "cpu";  ///< one of engine_names()
  /// f32, bf16 or int8: what weights may be rounded to; those of fully connected layers in batches of up
  /// to 8. Processors with matrix tiles (AMX) multiply bf16 in batches of any size, and round activations
  /// too. An engine that does not offer it computes in f32, which is logged once.
  std::string precision = "f32";
};

/// For one thread at a time. Several may be used at once, each by its own thread; those made from copies of
/// one Model share its tensors, and each thread computes with set_threads() threads.
class ALEXNET_API Classifier {
 public:
  /// UsageError when the model does not take images or has other classes than outputs, or for options
  /// below 1.
  explicit Classifier(Model model, const ClassifierOptions& options = {});
  ~Classifier();
  /// Leaves the other without a state: it may only be destroyed or assigned to.
  Classifier(Classifier&&) noexcept;
  /// Leaves the other without a state: it may only be destroyed or assigned to.
  Classifier& operator=(Classifier&&) noexcept;

  /// The model that it was made from. Valid as long as the classifier.
  const Model& model() const;

  /// Reads and classifies images, in batches, in order; one that cannot be read is an error of its own
  /// result only.
  std::vector<Classification> classify(std::span<const std::filesystem::path> files);
  /// The same for images that need not be files.
  std::vector<Classification> classify(std::span<const ImageInput> inputs);
  /// The same for images that come one after the other: each result is delivered as soon as it is there, and
  /// only a few batches are in memory. An exception of the feed or of `each` passes through.
  void classify(ImageFeed feed, const std::function<void(const Classification&)>& each);
  /// One image, prepared where the network reads it. UsageError when the image has other channels than the
  /// network takes.
  std::vector<Prediction> classify(const Image& image);
  /// The content of an image file. DataError when it cannot be read.
  std::vector<Prediction> classify(const Bytes& content);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs the network on raw input, as it is (no preprocessing): `input` is [n, height, width, channels] (NHWC,
/// as Keras), or without n. Returns the output of `layer` ("" = the last), NHWC, or [n, units] for flat
/// layers. UsageError when the shape or the layer does not fit.
ALEXNET_API Tensor forward(const Model& model, const Tensor& input, const std::string& layer = {},
                           const std::string& engine = "cpu", int batch = 64);
/// The same for several layers in one pass, in the order of `layers`.
ALEXNET_API std::vector<Tensor> forward_layers(const Model& model, const Tensor& input,
                                               std::span<const std::string> layers,
                                               const std::string& engine = "cpu", int batch = 64);

}  // namespace alexnet
