#include "inference/softmax.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace alexnet {

std::vector<float> softmax(std::span<const float> logits) {
  const float largest = std::ranges::max(logits);
  std::vector<double> powers(logits.size());
  std::ranges::transform(logits, powers.begin(),
                         [&](float logit) { return std::exp(double{logit} - largest); });
  const double sum = std::accumulate(powers.begin(), powers.end(), 0.0);
  std::vector<float> probabilities(logits.size());
  std::ranges::transform(powers, probabilities.begin(),
                         [&](double power) { return static_cast<float>(power / sum); });
  return probabilities;
}

}  // namespace alexnet
