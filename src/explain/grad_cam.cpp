// Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", 2017.
#include <algorithm>
#include <optional>
#include <vector>

#include "alexnet/error.h"
#include "explain/method.h"
#include "explain/score_gradient.h"
#include "inference/session.h"
#include "model/geometry.h"

namespace alexnet {
namespace {

/// The network in two parts, cut behind the layer: the first computes its output, the second the gradient of
/// the score with respect to that, as the gradient of its own input.
class GradCam final : public Method {
 public:
  GradCam(const Model& model, const ExplainOptions& options) : layer_(options.layer) {
    const std::size_t cut = layer_index(model.spec, layer_) + 1;
    extent_ = output_shapes(model.spec)[cut - 1];
    if (extent_.height * extent_.width == 1)
      throw UsageError(layer_, "has no pixels left to map",
                       "name a convolution, such as " + last_convolution(model.spec));
    if (cut == model.spec.layers.size()) throw UsageError(layer_, "is the last layer: no score follows it");
    head_.emplace(model, SessionOptions{.engine = options.engine, .layers = {layer_}, .last = layer_});
    tail_.emplace(part_of(model.spec, cut, model.spec.layers.size()), model.weights, options.engine, 1);
  }

  Tensor map(std::span<const float> chw, int target) override {
    head_->run(chw);
    std::vector<float> activation(static_cast<std::size_t>(extent_.size()));
    head_->read(layer_, activation);
    std::ranges::copy(activation, tail_->row(0).begin());
    return weighted_sum(activation, tail_->compute(1, target));
  }

 private:
  Tensor weighted_sum(std::span<const float> activation, std::span<const float> gradient) const {
    const auto pixels = static_cast<std::size_t>(extent_.height) * static_cast<std::size_t>(extent_.width);
    std::vector<double> sums(pixels, 0.0);
    for (std::size_t first = 0; first < activation.size(); first += pixels) {
      double weight = 0;
      for (const float derivative : gradient.subspan(first, pixels)) weight += derivative;
      weight /= static_cast<double>(pixels);
      for (std::size_t i = 0; i < pixels; ++i) sums[i] += weight * activation[first + i];
    }
    Tensor result({extent_.height, extent_.width});
    std::ranges::transform(sums, result.values.begin(),
                           [](double sum) { return static_cast<float>(std::max(sum, 0.0)); });
    return result;
  }

  std::string layer_;
  Extent extent_;
  std::optional<Session> head_;
  std::optional<ScoreGradient> tail_;
};

}  // namespace

std::string last_convolution(const NetworkSpec& spec) {
  const auto last = std::find_if(spec.layers.rbegin(), spec.layers.rend(),
                                 [](const Layer& layer) { return std::holds_alternative<Conv>(layer.kind); });
  if (last == spec.layers.rend())
    throw UsageError(spec.name, "has no convolution", "use another method, or name a layer with pixels");
  return last->name;
}

std::unique_ptr<Method> make_grad_cam(const Model& model, const ExplainOptions& options) {
  return std::make_unique<GradCam>(model, options);
}

}  // namespace alexnet
