// Listeners that write a run's files, apart from event files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "train/loop/run_listener.h"
#include "train/run/held_out.h"
#include "train/run/quarantine.h"
#include "train/run/run_folder.h"

namespace alexnet {

/// config.json, environment.json and held-out.jsonl, the models and the checkpoint. Everything that is given
/// must outlive it.
class RunFolderWriter final : public RunListener {
 public:
  /// `settings`: what config.json holds from now on. `held_out`: what is to be recorded; nothing where there
  /// is a record, or no time for one.
  RunFolderWriter(const Plan& plan, const RunFolder& folder, const RunIdentity& identity,
                  std::string settings, std::optional<std::vector<HeldOutImage>> held_out)
      : plan_(plan),
        folder_(folder),
        identity_(identity),
        settings_(std::move(settings)),
        held_out_(std::move(held_out)) {}

  void started(const RunStart& start) override;
  void epoch_measured(const EpochReport& report) override;
  void checkpoint(const Progress& progress, TrainStep& step) override;
  void ended(bool interrupted) override;

 private:
  const Plan& plan_;
  const RunFolder& folder_;
  RunIdentity identity_;
  std::string settings_;
  std::optional<std::vector<HeldOutImage>> held_out_;
};

/// curves.png, and the confusion matrix of the best model. Everything that is given must outlive it.
class ChartsWriter final : public RunListener {
 public:
  ChartsWriter(const std::vector<std::string>& classes, const RunFolder& folder)
      : classes_(classes), folder_(folder) {}
  void epoch_measured(const EpochReport& report) override;

 private:
  const std::vector<std::string>& classes_;
  const RunFolder& folder_;
};

/// metrics.jsonl.
class MetricsWriter final : public RunListener {
 public:
  explicit MetricsWriter(std::filesystem::path path) : path_(std::move(path)) {}
  void epoch_measured(const EpochReport& report) override;

 private:
  std::filesystem::path path_;
};

/// quarantine.jsonl: after every epoch, and at the end however the run ends (it says which images cannot be
/// read when those are the reason).
class QuarantineWriter final : public RunListener {
 public:
  /// `validation` may be null.
  QuarantineWriter(std::filesystem::path path, const BatchSource& training, const BatchSource* validation)
      : quarantine_(std::move(path)), training_(training), validation_(validation) {}

  void epoch_measured(const EpochReport&) override { write(); }
  void ended(bool /*interrupted*/) override { write(); }
  void failed() override { write(); }

 private:
  void write();

  Quarantine quarantine_;
  const BatchSource& training_;
  const BatchSource* validation_;
};

}  // namespace alexnet
