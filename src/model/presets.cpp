// AlexNet's family. Each function stands beside its source; what they share is in Builder.
#include "alexnet/presets.h"

#include <initializer_list>
#include <string>

#include "alexnet/error.h"

namespace alexnet {
namespace {

constexpr Padding pixels(int pad) { return {Padding::Mode::kExplicit, pad}; }
constexpr Initial gaussian(float stddev, float bias) { return {Initial::Kind::kGaussian, stddev, bias}; }
/// PyTorch's layers start so.
constexpr Initial kFanIn{Initial::Kind::kFanInUniform, 0, 0};

constexpr Activation kRelu{Activation::Kind::kRelu};
constexpr Pool kPool{};                                        // the largest of 3x3, 2 apart
constexpr Pool kCaffePool{.rounding = Pool::Rounding::kCeil};  // cuda-convnet's and Caffe's round up
constexpr Pool kMeanPool{.kind = Pool::Kind::kAverage, .rounding = Pool::Rounding::kCeil};
/// The paper, section 3.3.
constexpr Lrn kPaperLrn{
    .size = 5, .k = 2, .alpha = 1e-4F, .beta = 0.75F, .convention = Lrn::Convention::kSum};
/// cuda-convnet divides its scale by the window's size (layer.py: scale /= size).
constexpr Lrn kConvnetLrn{
    .size = 5, .k = 2, .alpha = 1e-4F, .beta = 0.75F, .convention = Lrn::Convention::kMean};
constexpr Lrn kCaffeLrn{
    .size = 5, .k = 1, .alpha = 1e-4F, .beta = 0.75F, .convention = Lrn::Convention::kMean};

/// Appends layers, and gives kernels their l2.
class Builder {
 public:
  Builder(const char* name, int width, int height, int depth, double reg)
      : spec_{name, {depth, height, width}, {}}, l2_(static_cast<float>(reg)) {
    if (width < 1 || height < 1 || depth < 1)
      throw UsageError("input", "width, height and depth must be at least 1");
    if (!(reg >= 0.0)) throw UsageError("l2", "must be 0 or more");
  }

  Builder& conv(const char* name, Conv conv) {
    conv.l2 = l2_;
    return add(name, conv);
  }
  Builder& dense(const char* name, int units, const Initial& initial) {
    return add(name, Dense{.units = units, .l2 = l2_, .initial = initial});
  }
  Builder& add(const char* name, const LayerKind& layer) {
    spec_.layers.push_back({name, layer});
    return *this;
  }
  /// The two hidden layers of 4096 units, dropout behind each, and the classifier.
  Builder& head(int classes, const Initial& hidden, const Initial& last) {
    add("flatten", Flatten{});
    dense("fc6", 4096, hidden).add("relu6", kRelu).add("drop6", Dropout{0.5F});
    dense("fc7", 4096, hidden).add("relu7", kRelu).add("drop7", Dropout{0.5F});
    return classifier("fc8", classes, last);
  }
  Builder& classifier(const char* name, int classes, const Initial& initial) {
    if (classes < 1) throw UsageError("classes", "must be at least 1");
    return dense(name, classes, initial).add("prob", Softmax{});
  }
  NetworkSpec done() {
    output_shapes(spec_);  // throws when the image is too small
    return std::move(spec_);
  }

 private:
  NetworkSpec spec_;
  float l2_;
};

// Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks" (NIPS
// 2012). Section 3.5: the layers; two towers, which are groups, in conv2, 4 and 5. Section 3.3: normalisation
// after the ReLUs of conv1 and conv2. Section 5: N(0, 0.01), and ones as biases of conv2, 4, 5 and the hidden
// layers.
NetworkSpec paper(int width, int height, int depth, int classes, double reg) {
  constexpr Initial kZero = gaussian(0.01F, 0), kOne = gaussian(0.01F, 1);
  return Builder("paper", width, height, depth, reg)
      .conv("conv1", {.filters = 96, .kernel = 11, .stride = 4, .initial = kZero})
      .add("relu1", kRelu)
      .add("norm1", kPaperLrn)
      .add("pool1", kPool)
      .conv("conv2", {.filters = 256, .kernel = 5, .padding = pixels(2), .groups = 2, .initial = kOne})
      .add("relu2", kRelu)
      .add("norm2", kPaperLrn)
      .add("pool2", kPool)
      .conv("conv3", {.filters = 384, .kernel = 3, .padding = pixels(1), .initial = kZero})
      .add("relu3", kRelu)
      .conv("conv4", {.filters = 384, .kernel = 3, .padding = pixels(1), .groups = 2, .initial = kOne})
      .add("relu4", kRelu)
      .conv("conv5", {.filters = 256, .kernel = 3, .padding = pixels(1), .groups = 2, .initial = kOne})
      .add("relu5", kRelu)
      .add("pool5", kPool)
      .head(classes, kOne, kZero)
      .done();
}

// The released source code of 2012, layers/layers-145.cfg and layer-params-145.cfg, whose log ends at the
// paper's 40.7 % and 18.2 % error. Blocks 1 and 5 take the ReLU after the pooling, block 1 normalises before
// both. Left out: the second normalisation behind conv2 ("cnorm2", over neighbouring pixels), and that the
// windows of "rnorm1" and "rnorm2" end at the border between the towers.
NetworkSpec cuda_convnet(int width, int height, int depth, int classes, double reg) {
  return Builder("cuda-convnet", width, height, depth, reg)
      .conv("conv1", {.filters = 96, .kernel = 11, .stride = 4, .initial = gaussian(0.01F, 0)})
      .add("norm1", kConvnetLrn)
      .add("pool1", kCaffePool)
      .add("relu1", kRelu)
      .conv("conv2",
            {.filters = 256, .kernel = 5, .padding = pixels(2), .groups = 2, .initial = gaussian(0.01F, 1)})
      .add("relu2", kRelu)
      .add("norm2", kConvnetLrn)
      .add("pool2", kCaffePool)
      .conv("conv3", {.filters = 384, .kernel = 3, .padding = pixels(1), .initial = gaussian(0.03F, 0)})
      .add("relu3", kRelu)
      .conv("conv4",
            {.filters = 384, .kernel = 3, .padding = pixels(1), .groups = 2, .initial = gaussian(0.03F, 1)})
      .add("relu4", kRelu)
      .conv("conv5",
            {.filters = 256, .kernel = 3, .padding = pixels(1), .groups = 2, .initial = gaussian(0.03F, 1)})
      .add("pool5", kCaffePool)
      .add("relu5", kRelu)
      .head(classes, gaussian(0.01F, 1), gaussian(0.01F, 0))
      .done();
}

/// Caffe's two. `pool_first`: block 1 and 2 pool before they normalise; `bias`: where the paper has ones.
NetworkSpec caffe_family(Builder builder, bool pool_first, float bias, int classes) {
  const Initial zero = gaussian(0.01F, 0), raised = gaussian(0.01F, bias), hidden = gaussian(0.005F, bias);
  const auto pool_and_normalise = [&](const char* pool, const char* norm) {
    if (pool_first) builder.add(pool, kCaffePool);
    builder.add(norm, kCaffeLrn);
    if (!pool_first) builder.add(pool, kCaffePool);
  };
  builder.conv("conv1", {.filters = 96, .kernel = 11, .stride = 4, .initial = zero}).add("relu1", kRelu);
  pool_and_normalise("pool1", "norm1");
  builder.conv("conv2", {.filters = 256, .kernel = 5, .padding = pixels(2), .groups = 2, .initial = raised})
      .add("relu2", kRelu);
  pool_and_normalise("pool2", "norm2");
  return builder.conv("conv3", {.filters = 384, .kernel = 3, .padding = pixels(1), .initial = zero})
      .add("relu3", kRelu)
      .conv("conv4", {.filters = 384, .kernel = 3, .padding = pixels(1), .groups = 2, .initial = raised})
      .add("relu4", kRelu)
      .conv("conv5", {.filters = 256, .kernel = 3, .padding = pixels(1), .groups = 2, .initial = raised})
      .add("relu5", kRelu)
      .add("pool5", kCaffePool)
      .head(classes, hidden, zero)
      .done();
}

// BVLC/caffe, models/bvlc_alexnet/train_val.prototxt.
NetworkSpec caffe(int width, int height, int depth, int classes, double reg) {
  return caffe_family(Builder("caffe", width, height, depth, reg), false, 0.1F, classes);
}

// BVLC/caffe, models/bvlc_reference_caffenet/train_val.prototxt.
NetworkSpec caffenet(int width, int height, int depth, int classes, double reg) {
  return caffe_family(Builder("caffenet", width, height, depth, reg), true, 1.0F, classes);
}

// Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014), as torchvision has it
// (torchvision/models/alexnet.py): no groups, no normalisation, dropout before the dense layers. Its adaptive
// pooling to 6x6 does nothing at 224.
NetworkSpec owt(int width, int height, int depth, int classes, double reg) {
  return Builder("owt", width, height, depth, reg)
      .conv("conv1", {.filters = 64, .kernel = 11, .stride = 4, .padding = pixels(2), .initial = kFanIn})
      .add("relu1", kRelu)
      .add("pool1", kPool)
      .conv("conv2", {.filters = 192, .kernel = 5, .padding = pixels(2), .initial = kFanIn})
      .add("relu2", kRelu)
      .add("pool2", kPool)
      .conv("conv3", {.filters = 384, .kernel = 3, .padding = pixels(1), .initial = kFanIn})
      .add("relu3", kRelu)
      .conv("conv4", {.filters = 256, .kernel = 3, .padding = pixels(1), .initial = kFanIn})
      .add("relu4", kRelu)
      .conv("conv5", {.filters = 256, .kernel = 3, .padding = pixels(1), .initial = kFanIn})
      .add("relu5", kRelu)
      .add("pool5", kPool)
      .add("flatten", Flatten{})
      .add("drop6", Dropout{0.5F})
      .dense("fc6", 4096, kFanIn)
      .add("relu6", kRelu)
      .add("drop7", Dropout{0.5F})
      .dense("fc7", 4096, kFanIn)
      .add("relu7", kRelu)
      .classifier("fc8", classes, kFanIn)
      .done();
}

// The paper's figure 1 compares ReLU and tanh on CIFAR-10 in "a four-layer convolutional network" and does
// not say more. This is cuda-convnet's of that size, layers-18pct.cfg, without its normalisation.
NetworkSpec cifar_relu_tanh(int width, int height, int depth, int classes, double reg) {
  return Builder("cifar-relu-tanh", width, height, depth, reg)
      .conv("conv1", {.filters = 32, .kernel = 5, .padding = pixels(2), .initial = gaussian(0.0001F, 0)})
      .add("pool1", kCaffePool)
      .add("relu1", kRelu)
      .conv("conv2", {.filters = 32, .kernel = 5, .padding = pixels(2), .initial = gaussian(0.01F, 0)})
      .add("relu2", kRelu)
      .add("pool2", kMeanPool)
      .conv("conv3", {.filters = 64, .kernel = 5, .padding = pixels(2), .initial = gaussian(0.01F, 0)})
      .add("relu3", kRelu)
      .add("pool3", kMeanPool)
      .add("flatten", Flatten{})
      .classifier("fc4", classes, gaussian(0.01F, 0))
      .done();
}

constexpr Preset kPresets[] = {
    {.name = "article",
     .about = "batch normalisation, dropout after every pooling",
     .source = "the article's Keras code",
     .accuracy = "",
     .build = build},
    {.name = "paper",
     .about = "two towers as groups, local response normalisation",
     .source = "Krizhevsky, Sutskever, Hinton, NIPS 2012",
     .accuracy = "top-1 0.593, top-5 0.818 (ILSVRC-2012 validation, ten crops)",
     .build = paper},
    {.name = "cuda-convnet",
     .about = "what the program of 2012 ran: ReLU after pooling in blocks 1 and 5",
     .source = "source code of 2012, layers-145.cfg",
     .accuracy = "top-1 0.593, top-5 0.818 (ILSVRC-2012 validation, ten crops)",
     .build = cuda_convnet},
    {.name = "caffe",
     .about = "bvlc_alexnet: normalisation with k = 1 before pooling, biases of 0.1",
     .source = "BVLC/caffe, models/bvlc_alexnet",
     .accuracy = "top-1 0.571, top-5 0.802 (ILSVRC-2012 validation, centre crop)",
     .build = caffe},
    {.name = "caffenet",
     .about = "bvlc_reference_caffenet: normalisation with k = 1 after pooling",
     .source = "BVLC/caffe, models/bvlc_reference_caffenet",
     .accuracy = "top-1 0.574, top-5 0.804 (ILSVRC-2012 validation, centre crop)",
     .build = caffenet},
    {.name = "owt",
     .size = 224,
     .about = "one weird trick, as torchvision has it: one tower, no normalisation",
     .source = "Krizhevsky 2014; torchvision.models.alexnet",
     .accuracy = "top-1 0.565, top-5 0.791 (ILSVRC-2012 validation, centre crop)",
     .build = owt},
    {.name = "cifar-relu-tanh",
     .size = 32,
     .classes = 10,
     .about = "four layers, for the comparison of figure 1 (--activation tanh)",
     .source = "NIPS 2012, figure 1; cuda-convnet, layers-18pct.cfg",
     .accuracy = "",
     .build = cifar_relu_tanh},
};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

const Preset& find_preset(std::string_view name) {
  std::string names;
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return preset;
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
  }
  throw UsageError("preset", "there is no '" + std::string(name) + "'", "choose one of " + names);
}

}  // namespace alexnet
