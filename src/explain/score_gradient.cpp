#include "explain/score_gradient.h"

#include <algorithm>

#include "engine/registry/registry.h"

namespace alexnet {

ScoreGradient::ScoreGradient(const NetworkSpec& spec, const NamedTensors& weights, const std::string& engine,
                             int batch)
    : input_size_(static_cast<std::size_t>(spec.input.size())),
      classes_(static_cast<std::size_t>(class_count(spec))) {
  network_ = find_engine(engine).compile(
      spec, {.batch = batch, .training = true, .input_gradient = true, .parameter_gradients = false});
  network_->load(weights);
  gradients_.resize(network_->input().size());
  scores_.resize(network_->logits().size());
}

std::span<float> ScoreGradient::row(std::size_t i) {
  return network_->input().subspan(i * input_size_, input_size_);
}

std::span<const float> ScoreGradient::compute(std::size_t rows, int target) {
  network_->forward({.pass = Pass::kInference});
  std::ranges::fill(scores_, 0.0F);
  for (std::size_t row = 0; row < rows; ++row)
    scores_[row * classes_ + static_cast<std::size_t>(target)] = 1.0F;
  network_->set_logits_gradient(scores_);
  network_->backward();
  network_->read_input_gradient(gradients_);
  return std::span(gradients_).first(rows * input_size_);
}

}  // namespace alexnet
