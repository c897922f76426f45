// From settings to all that is fixed before the first step.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "alexnet/train.h"
#include "data/loader.h"

namespace alexnet {

/// Makes the network for images of width x height x depth; a preset's build is one. Empty: the preset's that
/// the settings name.
using NetworkBuilder = std::function<NetworkSpec(int width, int height, int depth, int classes, double reg)>;

struct Plan {
  TrainConfig config;  // resolved: nothing is left to be measured or chosen
  Dataset data;
  NetworkSpec spec;
  Preprocessing preprocessing;
  NamedTensors weights;            // to start with
  std::vector<std::string> notes;  // for people: what was chosen, what was taken from a model
  bool goes_on = false;            // from a checkpoint
};

/// Opens the data, measures and chooses what the settings leave open. A resolved config gives the same plan
/// again. With `start` false the run goes on from a checkpoint: the --init model is not read, the weights
/// stay empty, and preprocessing.bgr is for the caller to fill in. UsageError, DataError.
Plan plan_run(const TrainConfig& config, const NetworkBuilder& builder, bool start);

/// UsageError where a setting names what the network or the data does not have: what a Trainer finds out, for
/// those who want to know before there is one.
void check_names(const Plan& plan);

/// Training: every epoch another order and other crops. Validation: every picture once.
LoaderOptions training_loader(const Plan& plan);
LoaderOptions validation_loader(const Plan& plan);

}  // namespace alexnet
