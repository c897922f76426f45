#include "train/train.h"

#include <limits>
#include <memory>
#include <optional>
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
#include "train/run/metrics_file.h"
#include "train/run/run_folder.h"
#include "train/step/checkpoint.h"
#include "train/step/train_step.h"

namespace alexnet {
namespace {

/// A run without a checkpoint was killed before its first one, at the end of its first epoch: it starts anew.
/// One with more behind it has lost its checkpoint, and would write over what it has.
void check_young(const RunFolder& folder) {
  const auto epochs = read_metrics(folder.metrics(), std::numeric_limits<int>::max()).size();
  if (epochs > 1)
    throw DataError(folder.path().string(),
                    fmt::format("has {} finished epochs but no checkpoint to resume from", epochs),
                    "start a new run with --init " + folder.last().string());
}

void check_identity(const RunIdentity& then, const RunIdentity& now, const Plan& plan,
                    const RunFolder& folder) {
  if (then == now) return;
  throw DataError(plan.config.data,
                  fmt::format("is not the data this run was started with ({} images then, {} now)",
                              then.pictures, now.pictures),
                  "restore the data as it was, or start a new run with --init " + folder.last().string());
}

/// In this order: the images that were left out are named whatever fails later, an epoch has its metrics
/// before it is drawn, files say more than the checkpoint, and an observer hears of what is saved.
void add_listeners(RunListeners& listeners, const Plan& plan, const RunFolder& folder,
                   const RunIdentity& identity, RunSources& sources, TrainObserver& observer) {
  listeners.add(std::make_unique<RunFolderWriter>(plan, folder, identity));
  listeners.add(
      std::make_unique<QuarantineWriter>(folder.quarantine(), sources.training(), sources.validation()));
  if (plan.config.tensorboard && event_files_available())
    listeners.add(std::make_unique<EventLog>(plan, folder.tensorboard()));
  listeners.add(std::make_unique<MetricsWriter>(folder.metrics()));
  listeners.add(std::make_unique<ChartsWriter>(plan.data.classes, folder));
  listeners.add(std::make_unique<LossNotes>(plan, observer, folder));
  listeners.add(std::make_unique<ObserverListener>(observer, folder));
}

/// From the plan's weights; or from a checkpoint, which is forgotten as soon as it is not needed.
TrainResult run_plan(Plan plan, const RunFolder& folder, std::optional<Checkpoint> checkpoint,
                     TrainObserver& observer, const std::atomic<bool>* stop) {
  if (plan.config.tensorboard && !event_files_available())
    plan.notes.emplace_back(
        "event files are not written: this program was built without them (ALEXNET_WITH_TENSORBOARD=OFF)");
  TrainStep step(plan);
  RunSources sources(plan);
  const RunIdentity identity = identity_of(plan);
  RunListeners listeners;
  add_listeners(listeners, plan, folder, identity, sources, observer);
  TrainLoop loop(plan, step, sources, listeners, stop);
  if (checkpoint) {
    check_identity(checkpoint->identity, identity, plan, folder);
    step.restore(*checkpoint, folder.checkpoint());
    loop.resume(checkpoint->progress, read_metrics(folder.metrics(), checkpoint->progress.epoch + 1));
    checkpoint.reset();
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
  return run_plan(std::move(plan), folder, std::nullopt, observer, stop);
}

TrainResult resume_network(const std::filesystem::path& run, const NetworkBuilder& builder,
                           TrainObserver& observer, const std::atomic<bool>* stop) {
  const RunFolder folder = RunFolder::open(run);
  TrainConfig config;
  apply_config_file(config, folder.config());
  config.out = folder.path().string();  // the folder may have been moved
  std::optional<Checkpoint> checkpoint;
  if (std::filesystem::exists(folder.checkpoint()))
    checkpoint = load_checkpoint(folder.checkpoint());
  else
    check_young(folder);
  Plan plan = plan_run(config, builder, {.resumed = checkpoint ? &checkpoint->identity : nullptr});
  return run_plan(std::move(plan), folder, std::move(checkpoint), observer, stop);
}

TrainResult train(const TrainConfig& config, TrainObserver& observer, const std::atomic<bool>* stop) {
  return train_network(config, {}, observer, stop);
}

TrainResult resume(const std::filesystem::path& run, TrainObserver& observer, const std::atomic<bool>* stop) {
  return resume_network(run, {}, observer, stop);
}

}  // namespace alexnet
