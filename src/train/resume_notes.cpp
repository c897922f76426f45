#include "train/resume_notes.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "fmt/format.h"
#include "train/step/schedule.h"

namespace alexnet {

void note_lost_files(std::vector<std::string>& notes, const RunFiles& files, std::int64_t rows,
                     Progress& progress) {
  const bool had_best = progress.epoch > 0 || progress.best_top1;
  if (had_best && !std::filesystem::exists(files.best())) {
    notes.push_back(fmt::format(
        "{} is missing: the best model so far is lost, and the best of the epochs that follow replaces it",
        files.best().string()));
    progress.best_top1.reset();
    progress.best_loss.reset();
  }
  if (rows < progress.epoch)
    notes.push_back(
        fmt::format("{} has {} of the {} finished epochs: the others are missing from it and from the charts",
                    files.metrics().string(), rows, progress.epoch));
}

void note_other_rate(std::vector<std::string>& notes, const Plan& plan, const TrainConfig& before,
                     std::int64_t steps_per_epoch, const Progress& progress) {
  constexpr double kNoticeable = 0.01;
  if (progress.epoch >= plan.config.epochs) return;
  Plan earlier;
  earlier.config = before;
  earlier.schedule = plan.schedule;
  const Moment moment{progress.step, progress.plateau.scale, progress.seconds};
  const double then = learning_rate(earlier, steps_per_epoch, moment);
  const double now = learning_rate(plan, steps_per_epoch, moment);
  if (std::abs(now - then) <= kNoticeable * std::max(now, then)) return;
  notes.push_back(fmt::format(
      "with the new limits, the learning rate continues at {:.3g} instead of {:.3g}: the schedule '{}' now "
      "ends with them",
      now, then, plan.config.schedule));
}

void note_finished(std::vector<std::string>& notes, const TrainConfig& config, const Progress& progress) {
  if (progress.epoch < config.epochs) return;
  notes.push_back(
      fmt::format("the run is finished: all {0} epochs are done; resume it with --epochs N, where N is more "
                  "than {0}, to train further",
                  progress.epoch));
}

}  // namespace alexnet
