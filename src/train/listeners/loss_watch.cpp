#include "train/listeners/loss_watch.h"

#include <cmath>
#include <numeric>

namespace alexnet {
namespace {

double mean(const std::array<double, 100>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

LossWatch::LossWatch(int classes) : classes_(classes) {}

double LossWatch::mean_loss() const { return mean(losses_); }

bool LossWatch::stays() const {
  constexpr std::int64_t kEnoughSteps = 200;
  constexpr double kNearLoss = 0.015, kNearTop1 = 0.1;
  const double guess_loss = std::log(classes_), guess_top1 = 1 / classes_;
  return taken_ >= kEnoughSteps && std::abs(mean(losses_) - guess_loss) < kNearLoss * guess_loss &&
         mean(top1s_) < guess_top1 + kNearTop1 * (1 - guess_top1);
}

LossWatch::Sign LossWatch::take(double cross_entropy, double top1) {
  constexpr double kTimesAGuess = 10;
  const std::size_t at = static_cast<std::size_t>(taken_++) % losses_.size();
  losses_[at] = cross_entropy;
  top1s_[at] = top1;
  if (taken_ < static_cast<std::int64_t>(losses_.size())) return Sign::kNone;
  if (!reported_explodes_ && mean(losses_) > kTimesAGuess * std::log(classes_)) {
    reported_explodes_ = true;
    return Sign::kExplodes;
  }
  if (!reported_stays_ && stays()) {
    reported_stays_ = true;
    return Sign::kStays;
  }
  return Sign::kNone;
}

}  // namespace alexnet
