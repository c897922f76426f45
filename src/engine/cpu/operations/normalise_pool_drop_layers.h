// Batch normalisation, max pooling and dropout that are computed together, as data.
#pragma once

#include <cstdint>
#include <optional>

#include "alexnet/network.h"

namespace alexnet::cpu {

struct NormalisePoolDropLayers {
  std::optional<BatchNorm> normalisation;
  bool moving_statistics_only = false;  // in every pass, and they do not move
  std::optional<Pool> pool;             // a maximum
  std::optional<Dropout> dropout;
  std::uint32_t dropout_layer = 0;  // index of the dropout layer
  /// The input is a ReLU's output: backward() gives the gradient of what went into the ReLU.
  bool after_relu = false;
  bool training = false;
};

}  // namespace alexnet::cpu
