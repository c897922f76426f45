#include "train/train.h"

#include <limits>
#include <optional>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "fmt/format.h"
#include "train/checkpoint.h"
#include "train/metrics_file.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace alexnet {
namespace {

/// A run without a checkpoint was killed before its first one, at the end of its first epoch: it starts anew.
/// One with more behind it has lost its checkpoint, and would write over what it has.
void check_young(const RunFolder& folder) {
  const auto epochs = read_metrics(folder.metrics(), std::numeric_limits<int>::max()).size();
  if (epochs > 1)
    throw DataError(folder.path().string(),
                    fmt::format("has {} epochs behind it but no checkpoint to go on from", epochs),
                    "start a new run with --init " + folder.last().string());
}

}  // namespace

TrainResult train_network(const TrainConfig& config, const NetworkBuilder& builder, TrainObserver& observer,
                          const std::atomic<bool>* stop) {
  if (!config.out.empty()) RunFolder::check_unused(config.out);  // before the data is looked at
  Plan plan = plan_run(config, builder, true);
  RunFolder folder = RunFolder::create(config.out);
  plan.config.out = folder.path().string();
  Trainer trainer(std::move(plan), folder, observer, stop);
  trainer.start();
  return trainer.run();
}

TrainResult resume_network(const std::filesystem::path& run, const NetworkBuilder& builder,
                           TrainObserver& observer, const std::atomic<bool>* stop) {
  RunFolder folder = RunFolder::open(run);
  TrainConfig config;
  apply_config_file(config, folder.config());
  config.out = folder.path().string();  // the folder may have been moved
  std::optional<Checkpoint> checkpoint;
  if (std::filesystem::exists(folder.checkpoint()))
    checkpoint = load_checkpoint(folder.checkpoint());
  else
    check_young(folder);
  Plan plan = plan_run(config, builder, !checkpoint);
  if (checkpoint) plan.preprocessing.bgr = checkpoint->identity.bgr;
  Trainer trainer(std::move(plan), folder, observer, stop);
  if (checkpoint)
    trainer.go_on(*checkpoint);
  else
    trainer.start();
  checkpoint.reset();
  return trainer.run();
}

TrainResult train(const TrainConfig& config, TrainObserver& observer, const std::atomic<bool>* stop) {
  return train_network(config, {}, observer, stop);
}

TrainResult resume(const std::filesystem::path& run, TrainObserver& observer, const std::atomic<bool>* stop) {
  return resume_network(run, {}, observer, stop);
}

}  // namespace alexnet
