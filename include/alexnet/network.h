// A network is data: an input shape and a list of named layers. `build()` is the article's AlexNet.
//
// Everything that needs to know about a network - shapes, parameter counts, FLOPs, summaries, compilation,
// files - reads this, and nothing else knows what an AlexNet is.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "alexnet/export.h"
#include "alexnet/tensor.h"

namespace alexnet {

/// How a window meets the border.
/// kSame: TensorFlow's "same": out = ceil(in / stride), the padding split evenly with the odd pixel at
/// bottom/right. kValid: no padding. kExplicit: `pad` zeros on every side.
struct Padding {
  enum class Mode { kSame, kValid, kExplicit };
  Mode mode = Mode::kValid;
  int pad = 0;
  bool operator==(const Padding&) const = default;
};

/// How weights start. kGlorotUniform: U(-a, a), a = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010), the
/// fans of one group counted with the kernel's area as Keras does. kGaussian: N(0, standard deviation).
/// kFanInUniform: U(-a, a), a = 1 / sqrt(fan_in), biases too (`bias` means nothing): PyTorch's.
struct Initial {
  enum class Kind { kGlorotUniform, kGaussian, kFanInUniform };
  Kind kind = Kind::kGlorotUniform;
  float deviation = 0.01F;
  float bias = 0.0F;
  bool operator==(const Initial&) const = default;
};

/// Convolution (cross-correlation) with square kernels and a bias. Weight [filters, in / groups, kernel,
/// kernel].
struct Conv {
  int filters = 0;
  int kernel = 1;
  int stride = 1;
  Padding padding{};
  int groups = 1;
  /// Adds l2 * sum(weight^2) to the loss (Keras's convention: the gradient gains 2 * l2 * weight).
  float l2 = 0.0F;
  Initial initial{};
  bool operator==(const Conv&) const = default;
};

struct Activation {
  enum class Kind { kRelu, kTanh, kSigmoid };
  Kind kind = Kind::kRelu;
  bool operator==(const Activation&) const = default;
};

/// Batch normalisation per channel (Ioffe & Szegedy 2015): y = scale * (x - mean) / sqrt(variance + epsilon)
/// + shift. Training uses the batch's mean and biased variance and moves the statistics, moving = momentum *
/// moving + (1 - momentum) * batch (Keras: momentum 0.99, biased variance); inference uses the moving ones.
struct BatchNorm {
  float epsilon = 1e-3F;
  float momentum = 0.99F;
  bool operator==(const BatchNorm&) const = default;
};

/// Local response normalisation across channels (Krizhevsky 2012, section 3.3):
/// b_c = a_c / (k + alpha' * sum a_j^2)^beta over the `size` channels around c. alpha' = alpha (kSum, the
/// paper), or alpha / size (kMean, Caffe and PyTorch).
struct Lrn {
  enum class Convention { kSum, kMean };
  int size = 5;
  float k = 2.0F;
  float alpha = 1e-4F;
  float beta = 0.75F;
  Convention convention = Convention::kSum;
  bool operator==(const Lrn&) const = default;
};

/// Pooling. Rounding says what becomes of a last window that hangs over the border: kFloor drops it (Keras,
/// PyTorch), kCeil keeps what is inside (Caffe). Averages divide by the number of pixels inside the image.
struct Pool {
  enum class Kind { kMax, kAverage };
  enum class Rounding { kFloor, kCeil };
  Kind kind = Kind::kMax;
  int kernel = 3;
  int stride = 2;
  Padding padding{};
  Rounding rounding = Rounding::kFloor;
  bool operator==(const Pool&) const = default;
};

/// Sets a fraction `rate` of the values to zero in training and scales the rest by 1 / (1 - rate). 0 <= rate
/// < 1.
struct Dropout {
  float rate = 0.5F;
  bool operator==(const Dropout&) const = default;
};

/// [C, H, W] -> [C * H * W], in that order (PyTorch's; Keras flattens H, W, C).
struct Flatten {
  bool operator==(const Flatten&) const = default;
};

/// Fully connected: y = weight * x + bias, weight [units, in].
struct Dense {
  int units = 0;
  float l2 = 0.0F;
  Initial initial{};
  bool operator==(const Dense&) const = default;
};

/// Probabilities from logits. Only as the last layer.
struct Softmax {
  bool operator==(const Softmax&) const = default;
};

using LayerKind = std::variant<Conv, Activation, BatchNorm, Lrn, Pool, Dropout, Flatten, Dense, Softmax>;

struct Layer {
  std::string name;  // without '/' and control characters: files are named after layers
  LayerKind kind;
  bool operator==(const Layer&) const = default;
};

/// Shape of one image or activation: channels, height, width; a flat layer has height = width = 1.
struct Extent {
  int channels = 0;
  int height = 1;
  int width = 1;
  std::int64_t size() const { return std::int64_t{channels} * height * width; }
  bool operator==(const Extent&) const = default;
};
/// "57x57x96" (height x width x channels, as the article writes it); "4096" when flat.
ALEXNET_API std::string to_string(const Extent& extent);

struct NetworkSpec {
  std::string name;
  Extent input;
  std::vector<Layer> layers;
  bool operator==(const NetworkSpec&) const = default;
};

/// The article's AlexNet for images of width x height x depth: conv -> ReLU -> batch normalisation ->
/// overlapping max pool -> dropout; l2(reg) on kernels. Layers are named conv1 relu1 bn1 pool1 drop1 conv2
/// ... fc8 prob. UsageError, naming the layer that ran out of pixels and the least size that works, when the
/// image is too small.
ALEXNET_API NetworkSpec build(int width, int height, int depth, int classes, double reg = 0.0002);

/// Output shape of every layer, in order. UsageError when a layer cannot work on its input.
ALEXNET_API std::vector<Extent> output_shapes(const NetworkSpec& spec);

/// Number of outputs of the last layer.
ALEXNET_API int class_count(const NetworkSpec& spec);

/// Index of the named layer; UsageError listing the layers when there is none.
ALEXNET_API std::size_t layer_index(const NetworkSpec& spec, const std::string& name);

enum class Role { kKernel, kBias, kScale, kShift, kMovingMean, kMovingVariance };

/// One tensor of a network in its canonical shape. Names: "<layer>.weight", ".bias" (also a batch
/// normalisation's scale and shift), ".running_mean", ".running_var".
struct ParameterInfo {
  std::string name;
  std::size_t layer = 0;
  Role role = Role::kKernel;
  Shape shape;
  float l2 = 0.0F;
  bool trainable() const { return role != Role::kMovingMean && role != Role::kMovingVariance; }
};

/// All tensors of a network, in layer order: trainable ones and moving statistics.
ALEXNET_API std::vector<ParameterInfo> parameters(const NetworkSpec& spec);

/// Weights as a new network starts with: a function of (spec, seed) alone. Moving mean 0 and variance 1.
ALEXNET_API NamedTensors initial_weights(const NetworkSpec& spec, std::uint64_t seed);

/// What one layer is and costs.
struct LayerSummary {
  std::string name;
  std::string kind;     // "conv", "relu", "batch norm", ...
  std::string setting;  // "5x5 / 1, pad 2, 2 groups"; "3x3 / 2, up": sizes rounded up; "rate 0.25"
  Extent output;
  std::int64_t weights = 0;           // trainable values of convolutions and dense layers
  std::int64_t normalisation = 0;     // batch normalisation: scale, shift and both moving statistics
  double forward_flops = 0;           // per image, 2 per multiply-add, convolutions and dense layers
  std::int64_t activation_bytes = 0;  // per image, float32
};

struct Summary {
  std::string name;
  Extent input;
  std::vector<LayerSummary> layers;
  std::int64_t weights = 0, normalisation = 0;
  double forward_flops = 0;
  double training_flops = 0;  // forward, both gradients of every layer; the first needs none for its input
  std::int64_t activation_bytes = 0;
};

ALEXNET_API Summary summarize(const NetworkSpec& spec);

/// JSON text of a spec, as model files hold it, and back. from_json: DataError naming `where` and the key at
/// fault.
ALEXNET_API std::string spec_to_json(const NetworkSpec& spec);
ALEXNET_API NetworkSpec spec_from_json(const std::string& text, const std::string& where);

}  // namespace alexnet
