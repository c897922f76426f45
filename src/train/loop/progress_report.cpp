#include "train/loop/progress_report.h"

#include <cmath>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "train/loop/limits.h"

namespace alexnet {

StepMetrics step_metrics(const TrainConfig& config, const Progress& p, std::int64_t steps_per_epoch,
                         double l2_loss, double learning_rate, double end_seconds) {
  const auto steps = static_cast<double>(p.step_of_epoch);
  const double per_step = p.training_seconds / steps;
  return {.epoch = p.epoch + 1,
          .step = p.step,
          .step_of_epoch = p.step_of_epoch,
          .steps_per_epoch = steps_per_epoch,
          .loss = p.loss_sum / steps,
          .l2_loss = l2_loss,
          .top1 = static_cast<double>(p.hits) / static_cast<double>(p.images),
          .lr = learning_rate,
          .images_per_s = static_cast<double>(p.images) / p.training_seconds,
          .data_wait = p.waiting_seconds / p.training_seconds,
          .epoch_seconds_left = per_step * static_cast<double>(steps_per_epoch - p.step_of_epoch),
          .seconds_left = seconds_left(config, p, steps_per_epoch, per_step, end_seconds)};
}

EpochMetrics epoch_metrics(const Progress& p, double learning_rate,
                           const std::optional<Evaluation>& validation) {
  EpochMetrics metrics{.epoch = p.epoch + 1,
                       .step = p.step,
                       .lr = learning_rate,
                       .train_loss = p.loss_sum / static_cast<double>(p.step_of_epoch),
                       .train_top1 = static_cast<double>(p.hits) / static_cast<double>(p.images),
                       .val_loss = {},
                       .val_top1 = {},
                       .val_top5 = {},
                       .images_per_s = static_cast<double>(p.images) / p.training_seconds,
                       .data_wait = p.waiting_seconds / p.training_seconds,
                       .seconds = p.epoch_seconds};
  if (validation) {
    metrics.val_loss = validation->loss;
    metrics.val_top1 = validation->top1;
    metrics.val_top5 = validation->top5;
  }
  return metrics;
}

TrainingMeans training_means(const Progress& p) {
  const double cross_entropy = p.cross_entropy_sum / static_cast<double>(p.step_of_epoch);
  const auto images = static_cast<double>(p.images);
  return {.cross_entropy = cross_entropy,
          .top1 = static_cast<double>(p.hits) / images,
          .top5 = std::isfinite(cross_entropy) ? static_cast<double>(p.hits5) / images : cross_entropy};
}

Model trained_network(const Plan& plan, NamedTensors weights, const EpochMetrics& metrics) {
  Model model{.spec = plan.spec,
              .weights = std::move(weights),
              .classes = plan.data.classes,
              .preprocessing = plan.preprocessing,
              .provenance = {{"program", "alexnet"},
                             {"data", plan.config.data},
                             {"epoch", std::to_string(metrics.epoch)},
                             {"step", std::to_string(metrics.step)}}};
  if (!plan.config.colour_axes.empty())
    model.provenance["colour_axes"] = fmt::format("{:.5f}", fmt::join(plan.config.colour_axes, ", "));
  if (metrics.val_top1) model.provenance["val_top1"] = fmt::format("{:.4f}", *metrics.val_top1);
  if (metrics.val_loss) model.provenance["val_loss"] = fmt::format("{:.4f}", *metrics.val_loss);
  return model;
}

}  // namespace alexnet
