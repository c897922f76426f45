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

/// Height and width of a window, or the rows and columns from one window to the next. One number stands for
/// both: `.kernel = 3`.
struct Size2 {
  int height = 1;  ///< in pixels
  int width = 1;   ///< in pixels
  /// One pixel.
  constexpr Size2() = default;
  /// A square.
  constexpr Size2(int side) : height(side), width(side) {}
  /// A rectangle.
  constexpr Size2(int rows, int columns) : height(rows), width(columns) {}
  /// Whether height and width are equal.
  constexpr bool is_square() const { return height == width; }
  /// Number of pixels: height * width.
  constexpr std::int64_t area() const { return std::int64_t{height} * width; }
  bool operator==(const Size2&) const = default;  ///< Compares both.
};

/// Pixels on the four sides of an image. One number stands for all of them.
struct Sides {
  int top = 0;     ///< rows above
  int left = 0;    ///< columns before
  int bottom = 0;  ///< rows below
  int right = 0;   ///< columns behind
  /// None.
  constexpr Sides() = default;
  /// The same on every side.
  constexpr Sides(int all) : top(all), left(all), bottom(all), right(all) {}
  /// In the order of the fields.
  constexpr Sides(int above, int before, int below, int behind)
      : top(above), left(before), bottom(below), right(behind) {}
  /// Whether all sides are equal.
  constexpr bool are_equal() const { return top == left && top == bottom && top == right; }
  bool operator==(const Sides&) const = default;  ///< Compares all sides.
};

/// How a window meets the border.
struct Padding {
  /// Amount of padding.
  enum class Mode {
    /// TensorFlow's "same": out = ceil(in / stride), the padding split evenly with the odd pixel at
    /// bottom/right.
    kSame,
    kValid,    ///< no padding
    kExplicit  ///< `pad` zeros on each side
  };
  Mode mode = Mode::kValid;                         ///< amount of padding
  Sides pad{};                                      ///< less than the window; only with kExplicit
  bool operator==(const Padding&) const = default;  ///< Compares all fields.
};

/// How weights start.
struct Initial {
  /// Distribution of the weights.
  enum class Kind {
    /// U(-a, a), a = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010), the fans of one group counted with
    /// the kernel's area as Keras does.
    kGlorotUniform,
    kGaussian,     ///< N(0, `stddev`)
    kFanInUniform  ///< U(-a, a), a = 1 / sqrt(fan_in), biases too: PyTorch's
  };
  Kind kind = Kind::kGlorotUniform;                 ///< distribution of the weights
  float stddev = 0.01F;                             ///< standard deviation; only with kGaussian
  float bias = 0.0F;                                ///< value of all biases; not with kFanInUniform
  bool operator==(const Initial&) const = default;  ///< Compares all fields.
};

/// Convolution (cross-correlation) with a bias. Weight [filters, in / groups, kernel height, kernel width].
struct Conv {
  int filters = 0;    ///< channels of the output, a multiple of `groups`
  Size2 kernel = 1;   ///< size of the window
  Size2 stride = 1;   ///< pixels from one window to the next
  Padding padding{};  ///< none by default
  int groups = 1;     ///< each sees its part of the input channels alone
  /// Adds l2 * sum(weight^2) to the loss (Keras's convention: the gradient gains 2 * l2 * weight).
  float l2 = 0.0F;
  Initial initial{};                             ///< of weights and biases
  bool operator==(const Conv&) const = default;  ///< Compares all fields.
};

/// A function of each value alone.
struct Activation {
  /// The function.
  enum class Kind {
    kRelu,    ///< max(0, x)
    kTanh,    ///< tanh(x)
    kSigmoid  ///< 1 / (1 + exp(-x))
  };
  Kind kind = Kind::kRelu;                             ///< the function
  bool operator==(const Activation&) const = default;  ///< Compares all fields.
};

/// Batch normalisation per channel (Ioffe & Szegedy 2015): y = scale * (x - mean) / sqrt(variance + epsilon)
/// + shift. Training uses the batch's mean and biased variance and moves the statistics, moving = momentum *
/// moving + (1 - momentum) * batch (Keras: momentum 0.99, biased variance); inference uses the moving ones.
struct BatchNorm {
  float epsilon = 1e-3F;   ///< added to the variance
  float momentum = 0.99F;  ///< fraction of the moving statistics that a step keeps, 0..1
  bool operator==(const BatchNorm&) const = default;  ///< Compares all fields.
};

/// Local response normalisation (Krizhevsky 2012, section 3.3): b = a / (k + alpha' * sum of a_j^2)^beta, the
/// sum over a region around each value. Values outside the image count as zeros. alpha' is alpha (kSum, the
/// paper), or alpha divided by the number of values in the region (kMean, Caffe and PyTorch).
struct Lrn {
  /// How alpha weighs the squares.
  enum class Convention {
    kSum,  ///< alpha times their sum
    kMean  ///< alpha times their mean
  };
  /// Values that are summed.
  enum class Region {
    kAcrossChannels,  ///< `size` channels at the same pixel (the paper)
    kWithinChannel    ///< `size` x `size` pixels of the same channel (Caffe's WITHIN_CHANNEL)
  };
  int size = 5;                                 ///< channels, or pixels; the own one in the middle
  float k = 2.0F;                               ///< added to the weighted sum
  float alpha = 1e-4F;                          ///< factor of the sum, see `convention`
  float beta = 0.75F;                           ///< exponent
  Convention convention = Convention::kSum;     ///< how alpha weighs the squares
  Region region = Region::kAcrossChannels;      ///< values that are summed
  bool operator==(const Lrn&) const = default;  ///< Compares all fields.
};

/// Pooling of each channel over windows.
struct Pool {
  /// The value of a window.
  enum class Kind {
    kMax,     ///< its maximum
    kAverage  ///< its mean, see `counts_padding`
  };
  /// Treatment of a last window that hangs over the border.
  enum class Rounding {
    kFloor,  ///< dropped (Keras, PyTorch)
    kCeil    ///< its part inside the image is kept (Caffe)
  };
  Kind kind = Kind::kMax;                ///< the value of a window
  Size2 kernel = 3;                      ///< size of the window
  Size2 stride = 2;                      ///< pixels from one window to the next
  Padding padding{};                     ///< none by default
  Rounding rounding = Rounding::kFloor;  ///< treatment of a last window that hangs over the border
  /// Only with kAverage. False: the mean over the pixels of the window inside the image. True: the padding
  /// counts as zeros (PyTorch's count_include_pad, Caffe); what hangs over the padded image does not count.
  bool counts_padding = false;
  bool operator==(const Pool&) const = default;  ///< Compares all fields.
};

/// Sets a fraction `rate` of the values to zero in training and scales the rest by 1 / (1 - rate). 0 <= rate
/// < 1.
struct Dropout {
  float rate = 0.5F;                                ///< fraction of the values set to zero
  bool operator==(const Dropout&) const = default;  ///< Compares all fields.
};

/// [C, H, W] -> [C * H * W], in that order (PyTorch's; Keras flattens H, W, C).
struct Flatten {
  bool operator==(const Flatten&) const = default;  ///< Always true: there are no fields.
};

/// Fully connected: y = weight * x + bias, weight [units, in].
struct Dense {
  int units = 0;                                  ///< outputs
  float l2 = 0.0F;                                ///< as Conv::l2
  Initial initial{};                              ///< of weights and biases
  bool operator==(const Dense&) const = default;  ///< Compares all fields.
};

/// Probabilities from logits. Only as the last layer.
struct Softmax {
  bool log = false;  ///< gives the natural logarithms of the probabilities (PyTorch's log_softmax)
  bool operator==(const Softmax&) const = default;  ///< Compares all fields.
};

/// A layer without its name. New kinds are added at the end.
using LayerKind = std::variant<Conv, Activation, BatchNorm, Lrn, Pool, Dropout, Flatten, Dense, Softmax>;

/// One step of a network.
struct Layer {
  std::string name;  ///< such as conv1, without '/' and control characters: files are named after layers
  LayerKind kind;    ///< kind and settings
  bool operator==(const Layer&) const = default;  ///< Compares all fields.
};

/// Shape of one image or activation: channels, height, width; a flat layer has height = width = 1.
struct Extent {
  int channels = 0;  ///< features of a flat layer
  int height = 1;    ///< in pixels
  int width = 1;     ///< in pixels
  /// Number of values: channels * height * width.
  std::int64_t size() const { return std::int64_t{channels} * height * width; }
  bool operator==(const Extent&) const = default;  ///< Compares all fields.
};
/// "57x57x96" (height x width x channels, as the article writes it); "4096" when flat.
ALEXNET_API std::string to_string(const Extent& extent);

/// A network: the shape of its input, and its layers in order.
struct NetworkSpec {
  std::string name;                                     ///< for people and error messages
  Extent input;                                         ///< of one image
  std::vector<Layer> layers;                            ///< each reads the output of the one before it
  bool operator==(const NetworkSpec&) const = default;  ///< Compares all fields.
};

/// The article's AlexNet for images of width x height x depth: conv -> ReLU -> batch normalisation ->
/// overlapping max pool -> dropout; l2(reg) on kernels. Layers are named conv1 relu1 bn1 pool1 drop1 conv2
/// ... fc8 prob. UsageError, naming the layer that ran out of pixels and the smallest size that works, when
/// the image is too small.
ALEXNET_API NetworkSpec build(int width, int height, int depth, int classes, double reg = 0.0002);

/// Output shape of every layer, in order. UsageError when a layer cannot work on its input.
ALEXNET_API std::vector<Extent> output_shapes(const NetworkSpec& spec);

/// Number of outputs of the last layer.
ALEXNET_API int class_count(const NetworkSpec& spec);

/// Index of the named layer; UsageError listing the layers when there is none.
ALEXNET_API std::size_t layer_index(const NetworkSpec& spec, const std::string& name);

/// Use of a tensor in its layer.
enum class Role {
  kKernel,         ///< weights of a convolution or dense layer
  kBias,           ///< biases of a convolution or dense layer
  kScale,          ///< factor of a batch normalisation
  kShift,          ///< summand of a batch normalisation
  kMovingMean,     ///< statistic of a batch normalisation, not trained
  kMovingVariance  ///< statistic of a batch normalisation, not trained
};

/// One tensor of a network in its canonical shape. Names: "<layer>.weight", ".bias" (also a batch
/// normalisation's scale and shift), ".running_mean", ".running_var".
struct ParameterInfo {
  std::string name;           ///< such as conv1.weight
  std::size_t layer = 0;      ///< index into NetworkSpec::layers
  Role role = Role::kKernel;  ///< use in the layer
  Shape shape;                ///< canonical: OIHW, [units, in], or [channels]
  float l2 = 0.0F;            ///< as Conv::l2; 0 except for kernels
  /// False for moving statistics.
  bool trainable() const { return role != Role::kMovingMean && role != Role::kMovingVariance; }
};

/// All tensors of a network, in layer order: trainable ones and moving statistics.
ALEXNET_API std::vector<ParameterInfo> parameters(const NetworkSpec& spec);

/// Weights as a new network starts with: a function of (spec, seed) alone. Moving mean 0 and variance 1.
ALEXNET_API NamedTensors initial_weights(const NetworkSpec& spec, std::uint64_t seed);

/// What one layer is and costs.
struct LayerSummary {
  std::string name;          ///< as in the spec
  std::string kind;          ///< "conv", "relu", "batch norm", ...
  std::string setting;       ///< "5x5 / 1, pad 2, 2 groups"; "3x3 / 2, up": sizes rounded up; "rate 0.25"
  Extent output;             ///< shape of one image's output
  std::int64_t weights = 0;  ///< trainable values of convolutions and dense layers
  std::int64_t normalisation = 0;     ///< batch normalisation: scale, shift and both moving statistics
  double forward_flops = 0;           ///< per image, 2 per multiply-add, convolutions and dense layers
  std::int64_t activation_bytes = 0;  ///< per image, float32
};

/// What a network is and costs, with sums over its layers.
struct Summary {
  std::string name;                   ///< as in the spec
  Extent input;                       ///< of one image
  std::vector<LayerSummary> layers;   ///< in order
  std::int64_t weights = 0,           ///< sum of LayerSummary::weights
      normalisation = 0;              ///< sum of LayerSummary::normalisation
  double forward_flops = 0;           ///< per image
  double training_flops = 0;          ///< per image: forward and all gradients but that of the input
  std::int64_t activation_bytes = 0;  ///< per image, float32, outputs of all layers
};

/// Computes the summary. UsageError when a layer cannot work on its input.
ALEXNET_API Summary summarize(const NetworkSpec& spec);

/// JSON text of a spec, as model files hold it.
ALEXNET_API std::string spec_to_json(const NetworkSpec& spec);
/// Reads that text. DataError naming `where` and the key at fault.
ALEXNET_API NetworkSpec spec_from_json(const std::string& text, const std::string& where);

}  // namespace alexnet
