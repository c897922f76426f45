// From what one run tells to what the study tells: which run of how many, and how long it all takes.
#pragma once

#include <vector>

#include "alexnet/studies.h"

namespace alexnet {

class RunWatch final : public TrainObserver {
 public:
  /// All of them outlive the watch. `runs` are in the order they are made in.
  RunWatch(const Study& study, const std::vector<StudyRun>& runs, StudyObserver& observer)
      : study_(study), runs_(runs), observer_(observer) {}

  void begin(std::size_t run);
  void end(bool earlier);

  void stepped(const StepMetrics& step) override;
  void preparing(std::int64_t done, std::int64_t total) override;
  void validating(std::int64_t done, std::int64_t total) override;
  void epoch_done(const EpochMetrics& epoch, bool best) override;
  void note(const std::string& text) override;

 private:
  /// Of an epoch of that variant, from its own epochs or, as long as it has none, from all; NaN without any.
  double epoch_seconds(std::size_t variant) const;
  double seconds_left() const;

  const Study& study_;
  const std::vector<StudyRun>& runs_;
  StudyObserver& observer_;
  std::size_t at_ = 0;
  StudyProgress progress_;
  std::vector<EpochMetrics> epochs_;  // of the run under way
  double fraction_ = 0;               // of the epoch under way that is done
  double guess_ = 0;                  // seconds of an epoch, from the steps of the one under way
};

}  // namespace alexnet
