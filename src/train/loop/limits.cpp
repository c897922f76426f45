#include "train/loop/limits.h"

#include <algorithm>
#include <cmath>

namespace alexnet {

std::string limit_reached(const TrainConfig& config, const Progress& progress, bool validates,
                          const EpochMetrics* last) {
  if (config.max_steps > 0 && progress.step >= config.max_steps) return "max steps";
  if (config.max_minutes > 0 && progress.seconds >= config.max_minutes * 60) return "max minutes";
  if (config.early_stop > 0 && validates && progress.epoch - progress.best_epoch >= config.early_stop)
    return "early stop";
  if (config.enough_top1 > 0 && last != nullptr && last->train_top1 >= config.enough_top1)
    return "training top-1 reached";
  return {};
}

double seconds_left(const TrainConfig& config, const Progress& progress, std::int64_t steps_per_epoch,
                    double per_step, double per_end) {
  std::int64_t steps = steps_per_epoch * (config.epochs - progress.epoch) - progress.step_of_epoch;
  if (config.max_steps > 0) steps = std::min(steps, config.max_steps - progress.step);
  double stepping = per_step * static_cast<double>(steps);
  double ends =
      std::ceil(static_cast<double>(progress.step_of_epoch + steps) / static_cast<double>(steps_per_epoch));
  const double max = config.max_minutes * 60 - progress.seconds;
  if (config.max_minutes > 0 && max < stepping + (ends - 1) * per_end) {
    stepping = std::max(max, 0.0);  // the ends of epochs before the last are part of it
    ends = 1;
  }
  return stepping + ends * per_end;
}

}  // namespace alexnet
