#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "base/memory.h"
#include "engine/registry/registry.h"
#include "fmt/format.h"
#include "model/geometry.h"
#include "train/environment.h"
#include "train/metrics_file.h"
#include "train/prefix_features.h"
#include "train/schedule.h"

namespace alexnet {
namespace {

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Trainer::Trainer(Plan plan, RunFolder& folder, TrainObserver& observer, const std::atomic<bool>* stop)
    : plan_(std::move(plan)),
      folder_(folder),
      observer_(observer),
      stop_(stop),
      classes_(static_cast<int>(plan_.data.classes.size())),
      prefix_(prefix_with_features(plan_)),
      step_(plan_, prefix_),
      loss_watch_(classes_),
      quarantine_(folder.quarantine()),
      event_log_(plan_, folder.tensorboard()) {
  open_sources();
  steps_per_epoch_ = loader_->batches_per_epoch();
  identity_.data = data_digest(plan_.data);
  identity_.pictures = static_cast<std::int64_t>(plan_.data.train->size() +
                                                 (plan_.data.validation ? plan_.data.validation->size() : 0));
  identity_.bgr = plan_.preprocessing.bgr;
}

void Trainer::open_sources() {
  if (prefix_ == 0) {
    loader_ = std::make_unique<Loader>(plan_.data.train, training_loader(plan_));
    if (plan_.data.validation)
      validation_ = std::make_unique<Loader>(plan_.data.validation, validation_loader(plan_));
    return;
  }
  const auto keep = [&](std::unique_ptr<FeatureSource> source) {
    features_.push_back(source.get());
    return source;
  };
  loader_ = keep(training_features(plan_, prefix_));
  if (plan_.data.validation) validation_ = keep(validation_features(plan_, prefix_));
}

void Trainer::start() {
  step_.load(plan_.weights);
  plan_.weights.clear();
  write_file(folder_.config(), to_json(plan_.config));
  write_file(folder_.environment(), environment_json());
  event_log_.begin(0, false);
}

void Trainer::go_on(const Checkpoint& checkpoint) {
  if (checkpoint.identity != identity_)
    throw DataError(
        plan_.config.data,
        fmt::format("is not the data this run was started with ({} pictures then, {} now)",
                    checkpoint.identity.pictures, identity_.pictures),
        "bring the data back as it was, or start a new run with --init " + folder_.last().string());
  step_.restore(checkpoint, folder_.checkpoint());
  progress_ = checkpoint.progress;
  // The epoch under way has figures when a limit ended the run inside it, or a kill came before its
  // checkpoint. They make way for those of its end; where that is at the same step they have been told.
  epochs_ = read_metrics(folder_.metrics(), progress_.epoch + 1);
  const bool told = !epochs_.empty() && epochs_.back().step == progress_.step;
  if (!epochs_.empty() && epochs_.back().epoch > progress_.epoch) epochs_.pop_back();
  event_log_.begin(progress_.step, told);
}

TrainResult Trainer::run() {
  // A checkpoint is made from a copy of everything it holds. A lack of memory for that is an error now.
  require_memory(step_.checkpoint_bytes());
  observer_.started(plan_.config, plan_.data, summarize(plan_.spec), folder_.path());
  for (const std::string& note : plan_.notes) observer_.note(note);
  TrainResult result;
  result.run = folder_.path();
  lap_start_ = last_checkpoint_ = Clock::now();
  try {
    if (!compute_features()) {
      checkpoint();
      result.interrupted = true;
      result.stopped = "interrupted";
    }
    while (progress_.epoch < plan_.config.epochs && result.stopped.empty()) {
      if (progress_.step_of_epoch == 0 && !(result.stopped = limit_reached()).empty()) break;
      End end = train_epoch();
      if (end != End::kInterrupted) end = finish_epoch(end);
      if (end == End::kLimit) result.stopped = limit_reached();
      if (end != End::kInterrupted) continue;
      result.interrupted = true;
      result.stopped = "interrupted";
    }
  } catch (...) {
    try {
      write_quarantine();  // it says which pictures, when those are the reason
    } catch (const std::exception& error) {
      log_warning(error.what());
    }
    throw;
  }
  write_quarantine();
  if (!result.interrupted) {
    result.validation = best_validation();
    event_log_.end();
  }
  result.epochs = epochs_;
  return result;
}

bool Trainer::compute_features() {
  if (prefix_ == 0) return true;
  CompileOptions options;
  options.batch = plan_.config.batch;
  options.convolution = convolution_from_string(plan_.config.convolution);
  options.precision = precision_from_string(plan_.config.precision);
  const auto prefix = find_engine(plan_.config.engine).compile(part_of(plan_.spec, 0, prefix_), options);
  prefix->load(step_.prefix_weights());
  std::int64_t in_all = 0, before = 0;
  for (const FeatureSource* source : features_) in_all += source->passes();
  for (FeatureSource* source : features_) {
    const bool finished = source->compute(*prefix, [&](std::int64_t done) {
      observer_.preparing(before + done, in_all);
      return !stop_asked();
    });
    if (!finished) return false;
    before += source->passes();
  }
  return true;
}

std::string Trainer::limit_reached() const {
  const TrainConfig& config = plan_.config;
  if (config.max_steps > 0 && progress_.step >= config.max_steps) return "max steps";
  if (config.max_minutes > 0 && progress_.seconds >= config.max_minutes * 60) return "max minutes";
  if (config.early_stop > 0 && validation_ && progress_.epoch - progress_.best_epoch >= config.early_stop)
    return "early stop";
  if (config.enough_top1 > 0 && !epochs_.empty() && epochs_.back().train_top1 >= config.enough_top1)
    return "training top-1 reached";
  return {};
}

bool Trainer::stop_asked() const { return stop_ != nullptr && stop_->load(); }

Trainer::End Trainer::train_epoch() {
  if (progress_.step_of_epoch < steps_per_epoch_)
    loader_->start(static_cast<std::uint32_t>(progress_.epoch + 1), progress_.step_of_epoch);
  lap();
  while (progress_.step_of_epoch < steps_per_epoch_) {
    End end = End::kEpoch;
    if (stop_asked())
      end = End::kInterrupted;
    else if (progress_.step_of_epoch > 0 && !limit_reached().empty())
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

void Trainer::train_step() {
  const TrainConfig& config = plan_.config;
  const double waited = loader_->waited();
  const Batch* batch = loader_->next();
  if (batch == nullptr) throw Error(config.data, "an epoch's pictures ended early");
  const double wait = loader_->waited() - waited;
  progress_.waiting_seconds += wait;
  const Batch seen = step_.take(*batch, progress_.step);
  if (progress_.step_of_epoch == 0 && prefix_ == 0) event_log_.first_batch(seen, progress_.step + 1);
  const double rate = learning_rate_of(progress_.step);
  last_rate_ = rate;
  const auto [loss, l2_loss] = step_.learn(progress_.step, rate);
  check_sound(loss.loss, l2_loss);

  ++progress_.step;
  ++progress_.step_of_epoch;
  progress_.loss_sum += loss.loss + l2_loss;
  progress_.hits += loss.top1;
  progress_.images += static_cast<std::int64_t>(batch->labels.size());
  const double seconds = lap();
  progress_.training_seconds += seconds;
  event_log_.step(progress_.step,
                  {.cross_entropy = loss.loss,
                   .l2_loss = l2_loss,
                   .lr = rate,
                   .top1 = loss.top1,
                   .top5 = loss.top5,
                   .seconds = seconds,
                   .waited = wait},
                  step_);
  watch(loss, batch->labels.size());
  report_step(l2_loss);
}

void Trainer::watch(const LossResult& loss, std::size_t pictures) {
  const double guess = std::log(classes_);
  const auto sign =
      loss_watch_.take(loss.loss, static_cast<double>(loss.top1) / static_cast<double>(pictures));
  if (sign == LossWatch::Sign::kStays)
    observer_.note(fmt::format(
        "the loss stays at ln({}) = {:.3f}, what guessing costs: the network does not learn; likely causes: "
        "a learning rate too high or too low (lr {}), labels that have nothing to do with the pictures, "
        "pictures that are all alike",
        classes_, guess, plan_.config.lr));
  if (sign == LossWatch::Sign::kExplodes)
    observer_.note(fmt::format(
        "the loss explodes: {:.3g} over the last steps, where guessing costs ln({}) = {:.3f}; likely causes: "
        "a learning rate too high (lr {}; try {:.3g} or --warmup 1), or --mean and --std that do not fit the "
        "pictures. Training goes on; {}",
        loss_watch_.mean_loss(), classes_, guess, plan_.config.lr, plan_.config.lr / 10,
        validation_ && !epochs_.empty()
            ? fmt::format("the best epoch so far stays in {}", folder_.best().string())
            : std::string("interrupt it to stop")));
}

void Trainer::check_sound(double cross_entropy, double l2_loss) const {
  const std::string what = divergence(cross_entropy, l2_loss, classes_);
  if (!what.empty()) diverged("the loss is " + what);
}

void Trainer::diverged(const std::string& what) const {
  const double rate = learning_rate_of(progress_.step);
  const bool saved = std::filesystem::exists(folder_.checkpoint());
  throw DivergedError(
      folder_.path().string(),
      fmt::format(
          "training diverged: {} at step {} (epoch {}, learning rate {:.3g}); likely causes: a learning "
          "rate too high, or --mean and --std that do not fit the pictures",
          what, progress_.step + 1, progress_.epoch + 1, rate),
      fmt::format("try --lr {:.3g} or --warmup 1; {}", plan_.config.lr / 10,
                  saved ? "the last good checkpoint is " + folder_.checkpoint().string()
                        : std::string("no checkpoint had been written yet")));
}

void Trainer::check_finite() const {
  if (const std::string what = step_.not_finite(); !what.empty()) diverged(what + " no longer finite");
}

void Trainer::checkpoint() {
  check_finite();
  lap();
  step_.save_checkpoint(folder_.checkpoint(), progress_, identity_);
  last_checkpoint_ = Clock::now();
  lap();  // writing is time of the epoch, not of its steps
}

void Trainer::report_step(double l2_loss) {
  const Progress& p = progress_;
  const auto steps = static_cast<double>(p.step_of_epoch);
  const double per_step = p.training_seconds / steps;
  observer_.stepped({.epoch = p.epoch + 1,
                     .step = p.step,
                     .step_of_epoch = p.step_of_epoch,
                     .steps_per_epoch = steps_per_epoch_,
                     .loss = p.loss_sum / steps,
                     .l2_loss = l2_loss,
                     .top1 = static_cast<double>(p.hits) / static_cast<double>(p.images),
                     .lr = last_rate(),
                     .images_per_s = static_cast<double>(p.images) / p.training_seconds,
                     .data_wait = p.waiting_seconds / p.training_seconds,
                     .epoch_seconds_left = per_step * static_cast<double>(steps_per_epoch_ - p.step_of_epoch),
                     .seconds_left = seconds_left(per_step)});
}

double Trainer::seconds_left(double per_step) const {
  const Progress& p = progress_;
  const TrainConfig& config = plan_.config;
  std::int64_t steps = steps_per_epoch_ * (config.epochs - p.epoch) - p.step_of_epoch;
  if (config.max_steps > 0) steps = std::min(steps, config.max_steps - p.step);
  double stepping = per_step * static_cast<double>(steps);
  double ends =
      std::ceil(static_cast<double>(p.step_of_epoch + steps) / static_cast<double>(steps_per_epoch_));
  const double most = config.max_minutes * 60 - p.seconds;
  if (config.max_minutes > 0 && most < stepping + (ends - 1) * end_seconds_) {
    stepping = std::max(most, 0.0);  // the ends of epochs before the last are part of it
    ends = 1;
  }
  return stepping + ends * end_seconds_;
}

double Trainer::learning_rate_of(std::int64_t step) const {
  return learning_rate(plan_.config, steps_per_epoch_, {step, progress_.plateau.scale, progress_.seconds});
}

// With a limit on time the rate falls by the clock: computed again it would be another.
double Trainer::last_rate() const { return last_rate_.value_or(learning_rate_of(progress_.step - 1)); }

double Trainer::lap() {
  const auto now = Clock::now();
  const double seconds = seconds_between(std::exchange(lap_start_, now), now);
  progress_.epoch_seconds += seconds;
  progress_.seconds += seconds;
  return seconds;
}

void Trainer::write_quarantine() {
  quarantine_.add("train", loader_->bad_images());
  if (validation_) quarantine_.add("validation", validation_->bad_images());
  quarantine_.write();
}

}  // namespace alexnet
