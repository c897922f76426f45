#include "train/train.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "fmt/format.h"
#include "text/text.h"
#include "train/listeners/event_log.h"
#include "train/listeners/run_notes.h"
#include "train/listeners/run_writer.h"
#include "train/loop/run_listener.h"
#include "train/loop/run_sources.h"
#include "train/loop/train_loop.h"
#include "train/resume_notes.h"
#include "train/run/held_out.h"
#include "train/run/metrics_file.h"
#include "train/run/quarantine.h"
#include "train/run/run_folder.h"
#include "train/settings/resumed_settings.h"
#include "train/step/checkpoint.h"
#include "train/step/train_step.h"

namespace alexnet {
namespace {

/// A run without a checkpoint was killed before its first one, at the end of its first epoch: it starts anew.
/// One with more behind it has lost its checkpoint, and would write over what it has.
void require_restartable(const RunFolder& folder, const TrainConfig& config) {
  if (!config.keep_checkpoint && std::filesystem::exists(folder.last()))
    throw DataError(folder.path().string(),
                    "is finished, and has no checkpoint: --keep-checkpoint off removed it",
                    "start a new run with --init " + folder.last().string());
  const auto epochs = read_metrics(folder.metrics(), std::numeric_limits<int>::max()).size();
  if (epochs > 1)
    throw DataError(folder.path().string(),
                    fmt::format("has {} finished epochs but no checkpoint to resume from", epochs),
                    "start a new run with --init " + folder.last().string());
}

void check_identity(const RunIdentity& then, const RunIdentity& now, const Plan& plan,
                    const RunFolder& folder) {
  const std::string other = difference(then, now);
  if (other.empty()) return;
  throw DataError(plan.config.data, fmt::format("is not the data this run was started with ({})", other),
                  "restore the data as it was, or start a new run with --init " + folder.last().string());
}

/// Data that is gone was perhaps moved: another fix than for data that was never there.
void check_in_place(const std::string& path, const char* flag) {
  std::error_code error;
  if (path.empty() || std::filesystem::exists(path, error)) return;
  throw DataError(path, "does not exist",
                  fmt::format("name the place that the images of this run were moved to with {}", flag));
}

/// Where an earlier process left a run.
struct Resumed {
  Checkpoint checkpoint;
  TrainConfig before;  // its settings until now
};

/// The settings that the process had which wrote the checkpoint; older versions did not write them.
TrainConfig settings_before(const Checkpoint& checkpoint, const TrainConfig& config,
                            const RunFolder& folder) {
  if (checkpoint.settings.empty()) return config;
  TrainConfig before;
  apply_config_file(before,
                    Bytes::own(folder.checkpoint().string() + ": settings.json", checkpoint.settings));
  before.out = config.out;
  return before;
}

/// The record of the images that are held out, where the run has none: it is new, or of an older version, or
/// the file was lost. Nothing where it has one, or `stop` was set meanwhile: then the next process writes it.
std::optional<std::vector<HeldOutImage>> missing_record(Plan& plan, const RunFolder& folder, bool resumed,
                                                        TrainObserver& observer,
                                                        const std::atomic<bool>* stop) {
  if (resumed && std::filesystem::exists(folder.held_out())) return std::nullopt;
  ContentReader reader([&](std::int64_t done, std::int64_t all) { observer.comparing(done, all); }, stop);
  auto record = record_held_out(plan.data.validation.get(), *plan.data.train, reader);
  if (reader.stopped()) return std::nullopt;
  if (resumed)
    plan.notes.push_back(fmt::format("{} was missing: it is written again", folder.held_out().string()));
  std::ranges::move(held_out_notes(record), std::back_inserter(plan.notes));
  return record;
}

/// In this order: the images that were left out are named whatever fails later, an epoch has its metrics
/// before it is drawn, files say more than the checkpoint, and an observer hears of what is saved.
void add_listeners(RunListeners& listeners, const Plan& plan, const RunFolder& folder,
                   std::unique_ptr<RunFolderWriter> writer, RunSources& sources, TrainObserver& observer) {
  listeners.add(std::move(writer));
  listeners.add(
      std::make_unique<QuarantineWriter>(folder.quarantine(), sources.training(), sources.validation()));
  if (plan.config.tensorboard && event_files_available())
    listeners.add(std::make_unique<EventLog>(plan, folder.tensorboard()));
  listeners.add(std::make_unique<MetricsWriter>(folder.metrics()));
  listeners.add(std::make_unique<ChartsWriter>(plan.data.classes, folder));
  listeners.add(std::make_unique<LossNotes>(plan, observer, folder));
  listeners.add(std::make_unique<ObserverListener>(observer, folder));
}

/// Puts step and loop where the earlier process left them.
void restore(Resumed resumed, Plan& plan, const RunFolder& folder, RunSources& sources, TrainStep& step,
             TrainLoop& loop) {
  Progress& progress = resumed.checkpoint.progress;
  step.restore(resumed.checkpoint, folder.checkpoint());
  std::vector<EpochMetrics> epochs = read_metrics(folder.metrics(), progress.epoch + 1);
  note_lost_files(plan.notes, folder,
                  std::ranges::count_if(epochs, [&](const auto& row) { return row.epoch <= progress.epoch; }),
                  progress);
  note_other_rate(plan.notes, plan, resumed.before, sources.training().batches_per_epoch(), progress);
  note_finished(plan.notes, plan.config, progress);
  loop.resume(progress, std::move(epochs));
}

void measure_folder(TrainResult& result, const RunFolder& folder) {
  std::error_code error;
  const std::uintmax_t checkpoint = std::filesystem::file_size(folder.checkpoint(), error);
  result.checkpoint_bytes = error ? 0 : checkpoint;
  result.folder_bytes = folder.bytes();
  result.left_out = static_cast<std::int64_t>(read_quarantine(folder.quarantine()).size());
}

/// From the plan's weights; or from a checkpoint, which is forgotten as soon as it is not needed. `settings`:
/// what config.json is to hold.
TrainResult run_plan(Plan plan, const RunFolder& folder, const std::string& settings,
                     std::optional<Resumed> resumed, TrainObserver& observer, const std::atomic<bool>* stop) {
  if (plan.config.tensorboard && !event_files_available())
    plan.notes.emplace_back(
        "event files are not written: this program was built without them (ALEXNET_WITH_TENSORBOARD=OFF)");
  TrainStep step(plan);
  RunSources sources(plan);
  const RunIdentity identity = identity_of(plan.data, plan.preprocessing);
  if (resumed) check_identity(resumed->checkpoint.identity, identity, plan, folder);
  auto held_out = missing_record(plan, folder, resumed.has_value(), observer, stop);
  RunListeners listeners;
  add_listeners(listeners, plan, folder,
                std::make_unique<RunFolderWriter>(plan, folder, identity, settings, std::move(held_out)),
                sources, observer);
  TrainLoop loop(plan, step, sources, listeners, stop);
  if (resumed) {
    restore(*std::exchange(resumed, std::nullopt), plan, folder, sources, step, loop);
  } else {
    step.load(plan.weights);
    plan.weights.clear();
  }
  TrainResult result = loop.run();
  result.run = folder.path();
  // An earlier process made the best epoch.
  const bool unknown = !result.interrupted && result.validation.images == 0;
  if (unknown && sources.validation() != nullptr && std::filesystem::exists(folder.best())) {
    step.load(load_model(folder.best()).weights);
    result.validation = step.evaluate(*sources.validation(), {});
  }
  measure_folder(result, folder);
  return result;
}

/// Results among the images would be data the next time.
void check_place(const TrainConfig& config, const std::filesystem::path& out) {
  for (const std::string& data : {config.data, config.validation})
    if (!data.empty()) require_outside(data, "--out", out, "alexnet train " + shell_text(config.data));
}

}  // namespace

TrainResult train_network(const TrainConfig& config, const NetworkBuilder& builder, TrainObserver& observer,
                          const std::atomic<bool>* stop) {
  const std::filesystem::path out =
      config.out.empty() ? RunFolder::unused_path() : std::filesystem::path(config.out);
  RunFolder::check_unused(out);  // before the data is looked at
  check_place(config, out);
  Plan plan = plan_run(config, builder);
  const RunFolder folder = RunFolder::create(out);
  plan.config.out = folder.path().string();
  const std::string settings = to_json(plan.config);
  return run_plan(std::move(plan), folder, settings, std::nullopt, observer, stop);
}

TrainResult resume_network(const std::filesystem::path& run, const NetworkBuilder& builder,
                           TrainObserver& observer, const std::atomic<bool>* stop,
                           std::span<const SettingChange> changes) {
  const RunFolder folder = RunFolder::open(run);
  TrainConfig config;
  apply_config_file(config, folder.config());
  config.out = folder.path().string();  // the folder may have been moved
  std::optional<Resumed> resumed;
  if (std::filesystem::exists(folder.checkpoint())) {
    Checkpoint checkpoint = load_checkpoint(folder.checkpoint());
    TrainConfig before = settings_before(checkpoint, config, folder);
    check_resumable(config, before, folder.config().string());
    resumed = {std::move(checkpoint), std::move(before)};
  } else {
    require_restartable(folder, config);
  }
  apply_changes(config, changes, folder.path());
  check_in_place(config.data, "--data");
  check_in_place(config.validation, "--val");
  Plan plan = plan_run(config, builder, {.resumed = resumed ? &resumed->checkpoint.identity : nullptr});
  config.data = plan.config.data;  // by paths that do not depend on where this process runs
  config.validation = plan.config.validation;
  const std::string settings = to_json(resumed ? config : plan.config);
  return run_plan(std::move(plan), folder, settings, std::move(resumed), observer, stop);
}

TrainResult train(const TrainConfig& config, TrainObserver& observer, const std::atomic<bool>* stop) {
  return train_network(config, {}, observer, stop);
}

TrainResult resume(const std::filesystem::path& run, TrainObserver& observer, const std::atomic<bool>* stop) {
  return resume_network(run, {}, observer, stop);
}

TrainResult resume(const std::filesystem::path& run, std::span<const SettingChange> changes,
                   TrainObserver& observer, const std::atomic<bool>* stop) {
  return resume_network(run, {}, observer, stop, changes);
}

}  // namespace alexnet
