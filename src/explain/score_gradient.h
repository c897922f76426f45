// Gradients of a class's score, for those who explain by them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alexnet/model.h"
#include "engine/compiled_network.h"

namespace alexnet {

/// The gradient of one logit with respect to the input of a network, or of the part of it behind a layer, at
/// `batch` inputs at a time. The pass is that of inference: moving statistics, no dropout.
class ScoreGradient {
 public:
  ScoreGradient(const NetworkSpec& spec, const NamedTensors& weights, const std::string& engine, int batch);

  /// Input i of the batch, [channels, height, width]: to be written, then compute().
  std::span<float> row(std::size_t i);
  /// For the first `rows` inputs, [rows, channels, height, width]; valid until the next call.
  std::span<const float> compute(std::size_t rows, int target);

 private:
  std::unique_ptr<CompiledNetwork> network_;
  std::size_t input_size_, classes_;
  std::vector<float> scores_, gradients_;
};

}  // namespace alexnet
