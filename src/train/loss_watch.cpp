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

StuckLoss::StuckLoss(int classes) : classes_(classes) {}

bool StuckLoss::take(double cross_entropy, double top1) {
  constexpr std::int64_t kEnoughSteps = 200;
  constexpr double kNearLoss = 0.015, kNearTop1 = 0.1;
  const std::size_t at = static_cast<std::size_t>(taken_++) % losses_.size();
  losses_[at] = cross_entropy;
  top1s_[at] = top1;
  if (told_ || taken_ < kEnoughSteps) return false;
  const auto mean = [](const auto& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  const double guess_loss = std::log(classes_), guess_top1 = 1 / classes_;
  told_ = std::abs(mean(losses_) - guess_loss) < kNearLoss * guess_loss &&
          mean(top1s_) < guess_top1 + kNearTop1 * (1 - guess_top1);
  return told_;
}

}  // namespace alexnet
