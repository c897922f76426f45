#include "studies/run_watch.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace alexnet {

void RunWatch::begin(std::size_t run) {
  at_ = run;
  epochs_.clear();
  fraction_ = 0;
  guess_ = std::nan("");
  const StudyVariant& variant = study_.variants[runs_[run].variant];
  progress_ = {};
  progress_.run = run + 1;
  progress_.runs = runs_.size();
  progress_.variant = variant.name;
  progress_.seed = runs_[run].seed;
  progress_.epochs = variant.config.epochs;
}

void RunWatch::end(bool earlier) {
  progress_.epoch = progress_.epochs;
  progress_.seconds_left = seconds_left();
  observer_.run_done(runs_[at_], progress_, earlier);
}

void RunWatch::stepped(const StepMetrics& step) {
  progress_.epoch = step.epoch;
  progress_.step = step.step_of_epoch;
  progress_.steps = step.steps_per_epoch;
  progress_.loss = step.loss;
  progress_.train_top1 = step.top1;
  fraction_ = static_cast<double>(step.step_of_epoch) / static_cast<double>(step.steps_per_epoch);
  if (fraction_ < 1) guess_ = step.epoch_seconds_left / (1 - fraction_);
  progress_.seconds_left = seconds_left();
  observer_.progressed(progress_);
}

void RunWatch::preparing(std::int64_t done, std::int64_t total) { validating(done, total); }

void RunWatch::validating(std::int64_t done, std::int64_t total) {
  StudyProgress now = progress_;
  now.step = done;
  now.steps = total;
  observer_.progressed(now);
}

void RunWatch::epoch_done(const EpochMetrics& epoch, bool) {
  epochs_.push_back(epoch);
  fraction_ = 0;
}

void RunWatch::note(const std::string& text) {
  observer_.note(fmt::format("{}, seed {}: {}", progress_.variant, progress_.seed, text));
}

double RunWatch::epoch_seconds(std::size_t variant) const {
  double own = 0, all = 0;
  std::size_t own_count = 0, all_count = 0;
  const auto add = [&](const StudyRun& run, const std::vector<EpochMetrics>& epochs) {
    for (const EpochMetrics& epoch : epochs) {
      all += epoch.seconds;
      ++all_count;
      if (run.variant != variant) continue;
      own += epoch.seconds;
      ++own_count;
    }
  };
  for (const StudyRun& run : runs_) add(run, run.epochs);
  if (runs_[at_].epochs.empty()) add(runs_[at_], epochs_);
  if (own_count > 0) return own / static_cast<double>(own_count);
  return all_count > 0 ? all / static_cast<double>(all_count) : guess_;
}

double RunWatch::seconds_left() const {
  double seconds = 0;
  for (std::size_t i = at_; i < runs_.size(); ++i) {
    if (runs_[i].state != StudyRun::State::kWaiting) continue;
    double epochs = study_.variants[runs_[i].variant].config.epochs;
    if (i == at_)
      epochs = std::max(0.0, epochs - std::max(0, progress_.epoch - (fraction_ > 0 ? 1 : 0)) - fraction_);
    seconds += epochs * epoch_seconds(runs_[i].variant);
  }
  return seconds;
}

}  // namespace alexnet
