#include "train/step/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace alexnet {

namespace {

/// Fraction of the steps behind the warm-up that are done, 0..1.
double fraction_done(const TrainConfig& config, std::int64_t steps_per_epoch, std::int64_t warmup,
                     const Moment& moment) {
  std::int64_t steps = config.epochs * steps_per_epoch;
  if (config.max_steps > 0) steps = std::min(steps, config.max_steps);
  const double by_steps = static_cast<double>(moment.step - warmup) /
                          static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
  const double by_clock = config.max_minutes > 0 ? moment.seconds / (config.max_minutes * 60) : 0;
  return std::min(1.0, std::max(by_steps, by_clock));
}

}  // namespace

double learning_rate(const Plan& plan, std::int64_t steps_per_epoch, const Moment& moment) {
  const TrainConfig& config = plan.config;
  const std::int64_t step = moment.step;
  const std::int64_t warmup = std::llround(config.warmup_epochs * static_cast<double>(steps_per_epoch));
  if (step < warmup) return config.lr * static_cast<double>(step + 1) / static_cast<double>(warmup);
  switch (plan.schedule) {
    case Schedule::kConstant:
      break;
    case Schedule::kStep: {
      const std::int64_t falls = step / steps_per_epoch / config.step_epochs;
      return config.lr * std::pow(config.lr_factor, static_cast<double>(falls));
    }
    case Schedule::kCosine:
      return config.lr * 0.5 *
             (1 + std::cos(std::numbers::pi * fraction_done(config, steps_per_epoch, warmup, moment)));
    case Schedule::kPlateau:
      return config.lr * moment.plateau_scale;
  }
  return config.lr;
}

void Plateau::take(double loss, int patience, double factor) {
  constexpr double kThreshold = 1e-4;
  if (std::isfinite(loss) && (!seen || loss < best * (1 - kThreshold))) {
    seen = true;
    best = loss;
    waited = 0;
  } else if (++waited > patience) {
    scale *= factor;
    waited = 0;
  }
}

}  // namespace alexnet
