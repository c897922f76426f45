#include "train/loop/train_loop.h"

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "base/memory.h"
#include "train/loop/divergence.h"
#include "train/loop/limits.h"
#include "train/loop/progress_report.h"
#include "train/step/schedule.h"

namespace alexnet {
namespace {

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// Thrown through a validation that is to stop; a run that is resumed makes it again.
struct StopAsked {};

/// Epochs of the training source from here on are those that statistics are measured on.
constexpr std::uint32_t kStatisticsEpochs = 0x80000000U;

}  // namespace

TrainLoop::TrainLoop(const Plan& plan, TrainStep& step, RunSources& sources, RunListener& listener,
                     const std::atomic<bool>* stop)
    : plan_(plan),
      step_(step),
      sources_(sources),
      listener_(listener),
      stop_(stop),
      steps_per_epoch_(sources.training().batches_per_epoch()) {}

void TrainLoop::resume(const Progress& progress, std::vector<EpochMetrics> epochs) {
  resumed_ = has_checkpoint_ = true;
  progress_ = progress;
  epochs_ = std::move(epochs);
  // The epoch under way has metrics when a limit ended the run inside it, or a kill came before its
  // checkpoint. Those of its end replace them; where that is at the same step they were reported already.
  epoch_reported_ = !epochs_.empty() && epochs_.back().step == progress_.step;
  if (!epochs_.empty() && epochs_.back().epoch > progress_.epoch) epochs_.pop_back();
}

TrainResult TrainLoop::run() {
  listener_.started({.plan = plan_,
                     .progress = progress_,
                     .resumed = resumed_,
                     .epoch_reported = epoch_reported_,
                     .epochs = epochs_});
  // A checkpoint is made from a copy of everything it holds. A lack of memory for that is an error now.
  require_memory(step_.checkpoint_bytes());
  TrainResult result;
  lap_start_ = last_checkpoint_ = Clock::now();
  try {
    train(result);
  } catch (...) {
    listener_.failed();
    throw;
  }
  listener_.ended(result.interrupted);
  if (best_ && !result.interrupted) result.validation = *best_;
  result.epochs = epochs_;
  return result;
}

void TrainLoop::train(TrainResult& result) {
  const auto interrupt = [&] {
    result.interrupted = true;
    result.stopped = "interrupted";
  };
  if (!compute_features()) {
    checkpoint();
    interrupt();
  }
  while (progress_.epoch < plan_.config.epochs && result.stopped.empty()) {
    if (progress_.step_of_epoch == 0 && !(result.stopped = limit()).empty()) break;
    End end = train_epoch();
    if (end != End::kInterrupted) end = finish_epoch(end);
    if (end == End::kLimit) result.stopped = limit();
    if (end == End::kInterrupted) interrupt();
  }
}

bool TrainLoop::compute_features() {
  return sources_.compute_features(step_.prefix_weights(), [&](std::int64_t done, std::int64_t all) {
    listener_.preparing(done, all);
    return !stop_asked();
  });
}

std::string TrainLoop::limit() const {
  return limit_reached(plan_.config, progress_, sources_.validation() != nullptr,
                       epochs_.empty() ? nullptr : &epochs_.back());
}

TrainLoop::End TrainLoop::train_epoch() {
  if (progress_.step_of_epoch < steps_per_epoch_)
    sources_.training().start(static_cast<std::uint32_t>(progress_.epoch + 1), progress_.step_of_epoch);
  lap();
  while (progress_.step_of_epoch < steps_per_epoch_) {
    End end = End::kEpoch;
    if (stop_asked())
      end = End::kInterrupted;
    else if (progress_.step_of_epoch > 0 && !limit().empty())
      end = End::kLimit;
    if (end != End::kEpoch) {
      checkpoint();
      return end;
    }
    train_step();
    if (seconds_between(last_checkpoint_, Clock::now()) >= plan_.config.checkpoint_minutes * 60) checkpoint();
  }
  return End::kEpoch;
}

void TrainLoop::train_step() {
  BatchSource& source = sources_.training();
  const double waited = source.waited();
  const Batch* batch = source.next();
  if (batch == nullptr) throw Error(plan_.config.data, "the images of an epoch ended early");
  const double wait = source.waited() - waited;
  progress_.waiting_seconds += wait;
  const Batch seen = step_.take(*batch, progress_.step);
  if (progress_.step_of_epoch == 0 && !sources_.gives_features())
    listener_.first_batch(seen, progress_.step + 1);
  const double rate = learning_rate_of(progress_.step);
  last_rate_ = rate;
  const auto [loss, l2_loss] = step_.learn(progress_.step, rate);
  const std::string what = divergence(loss.loss, l2_loss, static_cast<int>(plan_.data.classes.size()));
  if (!what.empty()) diverged("the loss is " + what);

  ++progress_.step;
  ++progress_.step_of_epoch;
  progress_.loss_sum += loss.loss + l2_loss;
  progress_.cross_entropy_sum += loss.loss;
  progress_.hits += loss.top1;
  progress_.hits5 += loss.top5;
  progress_.images += static_cast<std::int64_t>(batch->labels.size());
  const double seconds = lap();
  progress_.training_seconds += seconds;
  report_step({.cross_entropy = loss.loss,
               .l2_loss = l2_loss,
               .lr = rate,
               .top1 = loss.top1,
               .top5 = loss.top5,
               .seconds = seconds,
               .waited = wait});
}

void TrainLoop::report_step(const StepValues& alone) {
  const StepMetrics metrics =
      step_metrics(plan_.config, progress_, steps_per_epoch_, alone.l2_loss, alone.lr, end_seconds_);
  listener_.stepped({metrics, alone, step_});
}

TrainLoop::End TrainLoop::finish_epoch(End end) {
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
    metrics = epoch_metrics(progress_, last_rate(), validation);
    trained = trained_network(plan_, step_.weights(), metrics);
  } catch (const StopAsked&) {
    checkpoint();
    return End::kInterrupted;
  }
  const bool best = take_best(validation);
  const TrainingMeans means = training_means(progress_);
  epochs_.push_back(metrics);
  // After a limit the run stays in the middle of the epoch: with a wider limit it can continue there.
  if (end == End::kEpoch) close_epoch(metrics);
  listener_.epoch_measured(
      {.metrics = metrics,
       .epochs = epochs_,
       .validation = validation,
       .training = means,
       .best = best,
       .last = progress_.epoch >= plan_.config.epochs || !limit().empty(),
       .trained = trained,
       .images = sources_.gives_features() ? std::span<float>{} : step_.network().input()});
  trained = {};  // all weights once more, as the checkpoint copies them
  return_freed_memory();
  checkpoint();  // after a limit once more: a resumed run must know of a best model that it would replace
  end_seconds_ = progress_.seconds - begin;
  listener_.epoch_ended(metrics, best);
  return end;
}

void TrainLoop::close_epoch(const EpochMetrics& metrics) {
  progress_.plateau.take(metrics.val_loss.value_or(metrics.train_loss), plan_.config.step_epochs,
                         plan_.config.lr_factor);
  ++progress_.epoch;
  progress_.step_of_epoch = 0;
  progress_.loss_sum = progress_.cross_entropy_sum = 0;
  progress_.hits = progress_.hits5 = progress_.images = 0;
  progress_.training_seconds = progress_.waiting_seconds = progress_.epoch_seconds = 0;
}

std::int64_t TrainLoop::statistics_batches() const {
  const bool measure = plan_.measures_statistics && step_.has_statistics();
  return measure ? std::min<std::int64_t>(plan_.config.bn_batches, steps_per_epoch_) : 0;
}

// The batches are those of an epoch of their own, crops and mirroring included. Unshuffled ones are taken
// from all over the set, which may be sorted by class.
void TrainLoop::measure_statistics() {
  const std::int64_t batches = statistics_batches();
  if (batches == 0) return;
  BatchSource& source = sources_.training();
  const std::uint32_t epoch = kStatisticsEpochs | static_cast<std::uint32_t>(progress_.epoch + 1);
  if (plan_.config.shuffle) source.start(epoch);
  step_.begin_statistics();
  for (std::int64_t i = 0; i < batches; ++i) {
    validating(i * plan_.config.batch);
    if (!plan_.config.shuffle) source.start(epoch, i * steps_per_epoch_ / batches);
    step_.measure_statistics(*source.next());
  }
  step_.finish_statistics();
}

std::optional<Evaluation> TrainLoop::validate() {
  if (sources_.validation() == nullptr) return std::nullopt;
  const std::int64_t measured = statistics_batches() * plan_.config.batch;
  return step_.evaluate(*sources_.validation(),
                        [&](std::int64_t done, std::int64_t) { validating(measured + done); });
}

void TrainLoop::validating(std::int64_t images) {
  if (stop_asked()) throw StopAsked{};
  const auto in_validation =
      plan_.data.validation ? static_cast<std::int64_t>(plan_.data.validation->size()) : 0;
  listener_.validating(images, statistics_batches() * plan_.config.batch + in_validation);
}

bool TrainLoop::take_best(const std::optional<Evaluation>& validation) {
  if (!validation) return true;
  const bool higher = !progress_.best_top1 || validation->top1 > *progress_.best_top1;
  const bool tie = !higher && validation->top1 == *progress_.best_top1;
  if (!higher && !(tie && progress_.best_loss && validation->loss < *progress_.best_loss)) return false;
  // An epoch that is only surer of the same answers does not postpone an early stop.
  if (higher) progress_.best_epoch = progress_.epoch + 1;
  progress_.best_top1 = validation->top1;
  progress_.best_loss = validation->loss;
  best_ = validation;
  return true;
}

void TrainLoop::check_finite() const {
  if (const std::string what = step_.not_finite(); !what.empty()) diverged(what + " no longer finite");
}

void TrainLoop::diverged(const std::string& what) const {
  throw diverged_error(plan_.config, progress_, learning_rate_of(progress_.step), what, has_checkpoint_);
}

void TrainLoop::checkpoint() {
  check_finite();
  lap();
  listener_.checkpoint(progress_, step_);
  return_freed_memory();
  has_checkpoint_ = true;
  last_checkpoint_ = Clock::now();
  lap();  // writing is time of the epoch, not of its steps
}

double TrainLoop::learning_rate_of(std::int64_t step) const {
  return learning_rate(plan_, steps_per_epoch_, {step, progress_.plateau.scale, progress_.seconds});
}

// With a limit on time the rate falls by the clock: computed again it would be another.
double TrainLoop::last_rate() const { return last_rate_.value_or(learning_rate_of(progress_.step - 1)); }

double TrainLoop::lap() {
  const auto now = Clock::now();
  const double seconds = seconds_between(std::exchange(lap_start_, now), now);
  progress_.epoch_seconds += seconds;
  progress_.seconds += seconds;
  return seconds;
}

}  // namespace alexnet
