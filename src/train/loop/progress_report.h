// A run's progress as its listeners get it.
#pragma once

#include <cstdint>
#include <optional>

#include "alexnet/model.h"
#include "alexnet/train.h"
#include "train/loop/run_listener.h"
#include "train/plan/plan.h"
#include "train/step/checkpoint.h"

namespace alexnet {

/// Of the step just made. `end_seconds`: what the end of an epoch takes.
StepMetrics step_metrics(const TrainConfig& config, const Progress& progress, std::int64_t steps_per_epoch,
                         double l2_loss, double learning_rate, double end_seconds);

/// Of the epoch under way, whose steps are made.
EpochMetrics epoch_metrics(const Progress& progress, double learning_rate,
                           const std::optional<Evaluation>& validation);

TrainingMeans training_means(const Progress& progress);

/// The network of the plan with what it has learned, as a model that says where it comes from.
Model trained_network(const Plan& plan, NamedTensors weights, const EpochMetrics& metrics);

}  // namespace alexnet
