#include "train/schedule.h"

#include <cmath>
#include <numbers>

namespace alexnet {

double learning_rate(const TrainConfig& config, std::int64_t steps_per_epoch, std::int64_t step,
                     double plateau_scale) {
  const std::int64_t warmup = std::llround(config.warmup_epochs * static_cast<double>(steps_per_epoch));
  if (step < warmup) return config.lr * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (config.schedule == "step") {
    const std::int64_t falls = step / steps_per_epoch / config.step_epochs;
    return config.lr * std::pow(config.lr_factor, static_cast<double>(falls));
  }
  if (config.schedule == "cosine") {
    const double k = static_cast<double>(step - warmup);
    const double n = static_cast<double>(config.epochs * steps_per_epoch - warmup);
    return config.lr * 0.5 * (1 + std::cos(std::numbers::pi * k / n));
  }
  return config.schedule == "plateau" ? config.lr * plateau_scale : config.lr;
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
