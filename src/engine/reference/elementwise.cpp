// Activations, dropout, flatten and softmax: operations whose output has the size of their input.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "engine/reference/operation.h"

namespace alexnet::reference {
namespace {

constexpr std::int64_t kGrain = 4096;  // values worth a thread

/// y = value(x), dx = derivative(y) * dy.
template <class Function>
class Pointwise final : public Operation {
 public:
  using Operation::Operation;

  void forward(const PassOptions&, const float* x, float* y) override {
    parallel_for(input_size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) y[i] = Function::value(x[i]);
    });
  }

  void backward(const float* /*x*/, const float* y, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    parallel_for(input_size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) dx[i] = Function::derivative(y[i]) * dy[i];
    });
  }
};

struct Relu {
  static float value(float x) { return x < 0.0F ? 0.0F : x; }  // NaN stays NaN
  static float derivative(float y) { return y > 0.0F ? 1.0F : 0.0F; }
};

struct Tanh {
  static float value(float x) { return std::tanh(x); }
  static float derivative(float y) { return 1.0F - y * y; }
};

struct Sigmoid {
  static float value(float x) { return 1.0F / (1.0F + std::exp(-x)); }
  static float derivative(float y) { return y * (1.0F - y); }
};

struct Identity {
  static float value(float x) { return x; }
  static float derivative(float /*y*/) { return 1.0F; }
};

class DropoutOperation final : public Operation {
 public:
  DropoutOperation(const Dropout& layer, const Site& site)
      : Operation(site), rate_(layer.rate), factors_(static_cast<std::size_t>(site.batch * site.in.size())) {}

  void forward(const PassOptions& options, const float* x, float* y) override {
    draw(options);
    for (std::size_t i = 0; i < factors_.size(); ++i) y[i] = x[i] * factors_[i];
  }

  void backward(const float* /*x*/, const float* /*y*/, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    for (std::size_t i = 0; i < factors_.size(); ++i) dx[i] = dy[i] * factors_[i];
  }

  std::size_t work_bytes() const override { return factors_.size() * sizeof(float); }

 private:
  /// Decides for every value whether it stays; see dropout_draw() for the order in which it counts them.
  void draw(const PassOptions& options) {
    if (options.pass != Pass::kTraining) {
      std::fill(factors_.begin(), factors_.end(), 1.0F);
      return;
    }
    const std::uint32_t threshold = dropout_threshold(rate_);
    const float kept = 1.0F / (1.0F - rate_);
    const std::int64_t channels = site_.in.channels, blocks = (channels + 15) / 16;
    const std::int64_t pixels = std::int64_t{site_.in.height} * site_.in.width;
    parallel_for(site_.batch * channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane) {
        const std::int64_t image = plane / channels, c = plane % channels;
        for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
          const std::int64_t element =
              (((options.first_row + image) * blocks + c / 16) * pixels + pixel) * 16 + c % 16;
          const std::uint32_t draw =
              dropout_draw(options.seed, options.step, static_cast<std::uint32_t>(site_.layer),
                           static_cast<std::uint64_t>(element));
          factors_[plane * pixels + pixel] = draw >= threshold ? kept : 0.0F;
        }
      }
    });
  }

  float rate_;
  std::vector<float> factors_;  // of the last forward(): 0 or 1 / (1 - rate)
};

/// Only ever the last layer, where backward() starts before it: the loss knows the gradient of its input.
class SoftmaxOperation final : public Operation {
 public:
  SoftmaxOperation(const Softmax& layer, const Site& site) : Operation(site), log_(layer.log) {}

  void forward(const PassOptions&, const float* x, float* y) override {
    const std::int64_t classes = site_.in.channels;
    for (std::int64_t n = 0; n < site_.batch; ++n, x += classes, y += classes) {
      const double largest = *std::max_element(x, x + classes);
      double sum = 0;
      for (std::int64_t c = 0; c < classes; ++c) sum += std::exp(x[c] - largest);
      for (std::int64_t c = 0; c < classes; ++c)
        y[c] = static_cast<float>(log_ ? x[c] - largest - std::log(sum) : std::exp(x[c] - largest) / sum);
    }
  }

  void backward(const float*, const float*, const float*, float*) override {}

 private:
  bool log_;
};

}  // namespace

OperationPointer make(const Activation& layer, const Site& site) {
  switch (layer.kind) {
    case Activation::Kind::kRelu:
      return std::make_unique<Pointwise<Relu>>(site);
    case Activation::Kind::kTanh:
      return std::make_unique<Pointwise<Tanh>>(site);
    case Activation::Kind::kSigmoid:
      return std::make_unique<Pointwise<Sigmoid>>(site);
  }
  return nullptr;
}
OperationPointer make(const Dropout& layer, const Site& site) {
  return std::make_unique<DropoutOperation>(layer, site);
}
OperationPointer make(const Flatten&, const Site& site) {
  return std::make_unique<Pointwise<Identity>>(site);
}
OperationPointer make(const Softmax& layer, const Site& site) {
  return std::make_unique<SoftmaxOperation>(layer, site);
}

}  // namespace alexnet::reference
