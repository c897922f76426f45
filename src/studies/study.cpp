// Runs a study: every variant with every seed, one after the other.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "alexnet/studies.h"
#include "base/file.h"
#include "fmt/format.h"
#include "studies/results.h"
#include "studies/run_names.h"
#include "studies/run_record.h"
#include "studies/run_watch.h"
#include "studies/write_results.h"
#include "train/plan/plan.h"
#include "train/run/metrics_file.h"
#include "train/run/run_files.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using State = StudyRun::State;

TrainConfig config_of(const Study& study, const StudyRun& run) {
  TrainConfig config = study.variants[run.variant].config;
  config.seed = run.seed;
  config.out = run.folder.string();
  if (!config.data.empty()) config.data = fs::absolute(config.data).string();
  if (!config.validation.empty()) config.validation = fs::absolute(config.validation).string();
  return config;
}

/// All runs, seed by seed: whatever stops the study, most variants have as many seeds.
std::vector<StudyRun> runs_of(const Study& study, const fs::path& out) {
  std::vector<StudyRun> runs;
  for (const std::uint64_t seed : study.seeds)
    for (std::size_t v = 0; v < study.variants.size(); ++v)
      runs.push_back({.variant = v,
                      .seed = seed,
                      .folder = fs::absolute(out) / "runs" / folder_name(study.variants[v].name) /
                                fmt::format("seed-{}", seed),
                      .state = State::kWaiting,
                      .problem = {},
                      .epochs = {},
                      .seconds = 0});
  return runs;
}

void read_epochs(StudyRun& run) {
  run.epochs = read_metrics(RunFiles(run.folder).metrics(), std::numeric_limits<int>::max());
  run.seconds = 0;
  for (const EpochMetrics& epoch : run.epochs) run.seconds += epoch.seconds;
}

/// Charts among the images would be data the next time.
void check_place(const Study& study, const fs::path& out) {
  for (const StudyVariant& variant : study.variants)
    for (const std::string& data : {variant.config.data, variant.config.validation})
      if (!data.empty()) require_outside(data, "--out", out);
}

/// What earlier calls left of a run.
void take_over(const Study& study, StudyRun& run) {
  const std::optional<RunRecord> record = read_record(run.folder);
  if (!record) return;
  // Nothing was trained: what it would have been does not matter.
  if (record->state == State::kWaiting && !fs::exists(RunFiles(run.folder).config())) return;
  const std::string other = other_setting(record->settings, to_json(config_of(study, run)));
  if (!other.empty())
    throw UsageError(run.folder.string(), fmt::format("holds another run: {}", other),
                     "choose another --out, or remove that folder to repeat the run");
  run.state = record->state;
  run.problem = record->problem;
  if (run.state != State::kWaiting) read_epochs(run);
}

/// Whatever makes a variant impossible is said before the first run, not after an hour.
void check_variant(const Study& study, std::size_t v, const StudyRun& run) {
  const std::string name = fmt::format("variant '{}'", study.variants[v].name);
  try {
    const TrainConfig config = config_of(study, run);
    const Plan plan = plan_run(config, {}, {.weights = false});
    if (study.measure == StudyMeasure::kTop1 && !plan.data.validation)
      throw UsageError("--val", "there are no validation images to compare variants on",
                       "name some, or set val-split in [settings]");
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}: {}", name, error.where()), error.problem(), error.fix());
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", name, error.where()), error.problem(), error.fix());
  }
}

void check_variants(const Study& study, const std::vector<StudyRun>& runs) {
  std::vector<bool> checked(study.variants.size());
  for (const StudyRun& run : runs) {
    if (run.state != State::kWaiting || checked[run.variant]) continue;
    check_variant(study, run.variant, run);
    checked[run.variant] = true;
  }
}

/// False when it was stopped.
bool make_run(const Study& study, StudyRun& run, RunWatch& watch, const std::atomic<bool>* stop) {
  const TrainConfig config = config_of(study, run);
  RunRecord record{.state = State::kWaiting, .problem = {}, .settings = to_json(config)};
  write_record(run.folder, record);
  const RunFiles files(run.folder);
  try {
    const TrainResult result =
        fs::exists(files.config()) ? resume(run.folder, watch, stop) : train(config, watch, stop);
    if (result.interrupted) return false;
    record.state = State::kDone;
  } catch (const DivergedError& error) {
    record.state = State::kDiverged;
    record.problem = error.problem();
  }
  write_record(run.folder, record);
  std::error_code ignored;
  fs::remove(files.checkpoint(), ignored);  // the largest file; nothing resumes from here
  run.state = record.state;
  run.problem = record.problem;
  read_epochs(run);
  return true;
}

}  // namespace

StudyResult run_study(const Study& study, const fs::path& out, StudyObserver& observer,
                      const std::atomic<bool>* stop) {
  for (std::size_t i = 0; i < study.seeds.size(); ++i)
    if (std::count(study.seeds.begin(), study.seeds.end(), study.seeds[i]) > 1)
      throw UsageError("seeds", fmt::format("{} is named more than once", study.seeds[i]), "name it once");
  std::set<std::string> folders;
  for (const StudyVariant& variant : study.variants)
    if (!folders.insert(folder_name(variant.name)).second)
      throw UsageError(fmt::format("variant '{}'", variant.name),
                       fmt::format("its folder would have the same name as another variant's ('{}')",
                                   folder_name(variant.name)),
                       "give each variant a name of its own");
  check_place(study, out);
  make_folder(out);
  std::vector<StudyRun> runs = runs_of(study, out);
  for (StudyRun& run : runs) take_over(study, run);
  check_variants(study, runs);
  StudyResult result;
  RunWatch watch(study, runs, observer);
  for (std::size_t i = 0; i < runs.size() && !result.interrupted; ++i) {
    watch.begin(i);
    const bool earlier = runs[i].state != State::kWaiting;
    if (!earlier) {
      result.interrupted = (stop != nullptr && stop->load()) || !make_run(study, runs[i], watch, stop);
      result.variants = compare(study, runs);
      write_results(study, result, out);
    }
    if (!result.interrupted) watch.end(earlier);
  }
  result.variants = compare(study, runs);
  write_results(study, result, out);
  return result;
}

}  // namespace alexnet
