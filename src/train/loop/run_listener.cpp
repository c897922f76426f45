#include "train/loop/run_listener.h"

#include <exception>

#include "alexnet/log.h"

namespace alexnet {

void RunListeners::started(const RunStart& start) {
  for (const auto& listener : listeners_) listener->started(start);
}

void RunListeners::preparing(std::int64_t done, std::int64_t all) {
  for (const auto& listener : listeners_) listener->preparing(done, all);
}

void RunListeners::first_batch(const Batch& batch, std::int64_t step) {
  for (const auto& listener : listeners_) listener->first_batch(batch, step);
}

void RunListeners::stepped(const StepReport& report) {
  for (const auto& listener : listeners_) listener->stepped(report);
}

void RunListeners::validating(std::int64_t done, std::int64_t all) {
  for (const auto& listener : listeners_) listener->validating(done, all);
}

void RunListeners::epoch_measured(const EpochReport& report) {
  for (const auto& listener : listeners_) listener->epoch_measured(report);
}

void RunListeners::checkpoint(const Progress& progress, TrainStep& step) {
  for (const auto& listener : listeners_) listener->checkpoint(progress, step);
}

void RunListeners::epoch_ended(const EpochMetrics& metrics, bool best) {
  for (const auto& listener : listeners_) listener->epoch_ended(metrics, best);
}

void RunListeners::ended(bool interrupted) {
  for (const auto& listener : listeners_) listener->ended(interrupted);
}

void RunListeners::failed() {
  for (const auto& listener : listeners_) {
    try {
      listener->failed();
    } catch (const std::exception& error) {
      log_warning(error.what());
    }
  }
}

}  // namespace alexnet
