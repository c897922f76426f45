#include "train/loss_watch.h"

#include <cmath>
#include <numeric>

namespace alexnet {

std::string divergence(double cross_entropy, double l2_loss, int classes) {
  constexpr double kManyTimesAGuess = 1000;
  const double loss = cross_entropy + l2_loss;
  if (std::isnan(loss)) return "NaN";
  if (std::isinf(loss)) return "infinite";
  return cross_entropy > kManyTimesAGuess * std::log(classes) ? "exploding" : "";
}

StuckLoss::StuckLoss(int classes) : guess_(std::log(classes)) {}

bool StuckLoss::take(double cross_entropy) {
  constexpr std::int64_t kEnoughSteps = 200;
  constexpr double kNear = 0.015;
  last_[static_cast<std::size_t>(taken_++) % last_.size()] = cross_entropy;
  if (told_ || taken_ < kEnoughSteps) return false;
  const double mean = std::accumulate(last_.begin(), last_.end(), 0.0) / static_cast<double>(last_.size());
  told_ = std::abs(mean - guess_) < kNear * guess_;
  return told_;
}

}  // namespace alexnet
