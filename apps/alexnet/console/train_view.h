// What a person sees of a training run.
#pragma once

#include <filesystem>
#include <string>

#include "alexnet/train.h"
#include "console/stop_signal.h"
#include "console/terminal.h"

namespace alexnet::cli {

/// Rows per epoch on standard output (tables for people, or JSON lines), everything else on stderr. Takes the
/// library's log, so that its messages and the progress bar do not write over each other.
class TrainView : public TrainObserver {
 public:
  explicit TrainView(bool json);
  ~TrainView() override;
  TrainView(const TrainView&) = delete;
  TrainView& operator=(const TrainView&) = delete;

  void started(const TrainConfig& config, const Dataset& data, const Summary& network,
               const std::filesystem::path& run) override;
  void stepped(const StepMetrics& step) override;
  void preparing(std::int64_t done, std::int64_t total) override;
  void comparing(std::int64_t done, std::int64_t total) override;
  void validating(std::int64_t done, std::int64_t total) override;
  void epoch_done(const EpochMetrics& epoch, bool best) override;
  void note(const std::string& text) override;

  /// How the run ended and what to do next; the exit code. DataError when rows could not be written.
  int finish(const TrainResult& result);

 private:
  void write(const std::string& text);

  bool json_;
  bool headed_ = false;
  int epochs_ = 0;
  int epoch_ = 1;
  std::filesystem::path run_;
  ProgressBar bar_;
  RunOutput output_;
};

}  // namespace alexnet::cli
