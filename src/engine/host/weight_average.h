// The exponential moving average of the weights that training goes through.
#pragma once

#include <cstdint>
#include <span>

#include "engine/host/kept_slab.h"
#include "tensor/slab.h"

namespace alexnet {

/// After step 1 the average is the weights; after step n, average <- average + (1 - d) * (weights - average)
/// with d = min(decay, n / (9 + n)).
///
/// PyTorch's AveragedModel(get_ema_multi_avg_fn(decay)), which starts with a copy of the first weights too,
/// but with the warm-up of TensorFlow's ExponentialMovingAverage(num_updates): early averages are not
/// dominated by weights that had learned nothing yet.
class WeightAverage {
 public:
  /// `size`: of the parameter slab.
  WeightAverage(std::size_t size, double decay);

  void start(std::span<const float> weights);
  void take(std::span<const float> weights, std::int64_t number);
  /// The average becomes the weights and these the average, until the next exchange.
  void exchange(std::span<float> weights);

  /// What has to be kept beside the weights.
  KeptSlab state() { return {SlabId::kAverage, average_.span()}; }

 private:
  double decay_;
  Slab average_;
};

}  // namespace alexnet
