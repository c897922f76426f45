// What a Trainer does at the end of an epoch: measure, validate, write.
#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "train/metrics_file.h"
#include "train/trainer.h"

namespace alexnet {
namespace {

/// Thrown through a validation that is to stop; a run that goes on makes it again.
struct StopAsked {};

/// Epochs of the training loader from here on are those that statistics are measured on.
constexpr std::uint32_t kStatisticsEpochs = 0x80000000U;

}  // namespace

Trainer::End Trainer::finish_epoch(End end) {
  lap();
  const double begin = progress_.seconds;
  std::optional<Evaluation> validation;
  EpochMetrics metrics;
  Model trained;
  try {
    const WithAverage average(step_);
    measure_statistics();
    check_finite();
    validation = validate();
    lap();
    metrics = epoch_metrics(validation);
    trained = model(metrics);
  } catch (const StopAsked&) {
    checkpoint();
    return End::kInterrupted;
  }
  const bool best = take_best(validation);
  epochs_.push_back(metrics);
  // After a limit the run stays in the middle of the epoch: with a wider limit it can go on there.
  if (end == End::kEpoch) close_epoch(metrics);
  const bool last = progress_.epoch >= plan_.config.epochs || !limit_reached().empty();
  folder_.save(trained, best);
  event_log_.epoch(metrics, validation, best, last, trained,
                   prefix_ == 0 ? step_.network().input() : std::span<float>{});
  write_metrics(folder_.metrics(), epochs_);
  folder_.draw_curves(epochs_);
  if (validation && best) folder_.draw_confusion(plan_.data.classes, validation->confusion);
  write_quarantine();
  checkpoint();  // after a limit once more: what goes on must know of a best model that it would write over
  end_seconds_ = progress_.seconds - begin;
  observer_.epoch_done(metrics, best);
  return end;
}

void Trainer::close_epoch(const EpochMetrics& metrics) {
  progress_.plateau.take(metrics.val_loss.value_or(metrics.train_loss), plan_.config.step_epochs,
                         plan_.config.lr_factor);
  ++progress_.epoch;
  progress_.step_of_epoch = 0;
  progress_.loss_sum = 0;
  progress_.hits = progress_.images = 0;
  progress_.training_seconds = progress_.waiting_seconds = progress_.epoch_seconds = 0;
}

std::int64_t Trainer::statistics_batches() const {
  const bool measure = plan_.config.bn_statistics == "measured" && step_.has_statistics();
  return measure ? std::min<std::int64_t>(plan_.config.bn_batches, steps_per_epoch_) : 0;
}

// The batches are those of an epoch of their own, crops and mirroring included. Unshuffled ones are taken
// from all over the set, which may be sorted by class.
void Trainer::measure_statistics() {
  const std::int64_t batches = statistics_batches();
  if (batches == 0) return;
  const std::uint32_t epoch = kStatisticsEpochs | static_cast<std::uint32_t>(progress_.epoch + 1);
  if (plan_.config.shuffle) loader_->start(epoch);
  step_.begin_statistics();
  for (std::int64_t i = 0; i < batches; ++i) {
    validating(i * plan_.config.batch);
    if (!plan_.config.shuffle) loader_->start(epoch, i * steps_per_epoch_ / batches);
    step_.measure_statistics(*loader_->next());
  }
  step_.finish_statistics();
}

std::optional<Evaluation> Trainer::validate() {
  if (!validation_) return std::nullopt;
  const std::int64_t measured = statistics_batches() * plan_.config.batch;
  return step_.evaluate(*validation_, [&](std::int64_t done, std::int64_t) { validating(measured + done); });
}

void Trainer::validating(std::int64_t pictures) {
  if (stop_asked()) throw StopAsked{};
  const auto pictures_in_validation =
      plan_.data.validation ? static_cast<std::int64_t>(plan_.data.validation->size()) : 0;
  observer_.validating(pictures, statistics_batches() * plan_.config.batch + pictures_in_validation);
}

bool Trainer::take_best(const std::optional<Evaluation>& validation) {
  if (!validation) return true;
  if (progress_.best_top1 && validation->top1 <= *progress_.best_top1) return false;
  progress_.best_top1 = validation->top1;
  progress_.best_epoch = progress_.epoch + 1;
  best_ = validation;
  return true;
}

EpochMetrics Trainer::epoch_metrics(const std::optional<Evaluation>& validation) const {
  const Progress& p = progress_;
  EpochMetrics metrics{.epoch = p.epoch + 1,
                       .step = p.step,
                       .lr = last_rate(),
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

Model Trainer::model(const EpochMetrics& metrics) {
  Model model{.spec = plan_.spec,
              .weights = step_.weights(),
              .classes = plan_.data.classes,
              .preprocessing = plan_.preprocessing,
              .provenance = {{"program", "alexnet"},
                             {"data", plan_.config.data},
                             {"epoch", std::to_string(metrics.epoch)},
                             {"step", std::to_string(metrics.step)}}};
  if (!plan_.config.colour_axes.empty())
    model.provenance["colour_axes"] = fmt::format("{:.5f}", fmt::join(plan_.config.colour_axes, ", "));
  if (metrics.val_top1) model.provenance["val_top1"] = fmt::format("{:.4f}", *metrics.val_top1);
  if (metrics.val_loss) model.provenance["val_loss"] = fmt::format("{:.4f}", *metrics.val_loss);
  return model;
}

Evaluation Trainer::best_validation() {
  if (best_) return *best_;
  if (!validation_ || !std::filesystem::exists(folder_.best())) return {};
  step_.load(load_model(folder_.best()).weights);
  return step_.evaluate(*validation_, {});
}

}  // namespace alexnet
