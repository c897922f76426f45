// train() and resume() for any network.
#pragma once

#include "alexnet/train.h"
#include "train/plan/plan.h"

namespace alexnet {

TrainResult train_network(const TrainConfig& config, const NetworkBuilder& builder, TrainObserver& observer,
                          const std::atomic<bool>* stop = nullptr);

/// `builder` is the one the run was started with.
TrainResult resume_network(const std::filesystem::path& run, const NetworkBuilder& builder,
                           TrainObserver& observer, const std::atomic<bool>* stop = nullptr,
                           std::span<const SettingChange> changes = {});

}  // namespace alexnet
