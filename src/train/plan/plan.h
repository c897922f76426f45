// From settings to all that is fixed before the first step.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "alexnet/train.h"
#include "data/loader/loader.h"
#include "engine/engine.h"
#include "engine/update_rule.h"

namespace alexnet {

struct RunIdentity;

/// Makes the network for images of width x height x depth; a preset's build is one. Empty: the preset's that
/// the settings name.
using NetworkBuilder = std::function<NetworkSpec(int width, int height, int depth, int classes, double reg)>;

/// How the learning rate changes over a run; see learning_rate().
enum class Schedule { kConstant, kStep, kCosine, kPlateau };

/// Everything that is chosen before the first step; nothing is chosen later. Names in the settings have
/// become what they mean: whoever reads a plan compares no text.
struct Plan {
  TrainConfig config;  // resolved: nothing is left to be measured or chosen
  Dataset data;
  NetworkSpec spec;
  Preprocessing preprocessing;
  // What settings name, for the layers, the classes and the program of this run.
  const Engine* engine = nullptr;
  UpdateRule update;  // its rates are those of all layers, the prefix included
  Schedule schedule = Schedule::kConstant;
  AugmentOptions augment;
  Cache cache = Cache::kAuto;
  Convolution convolution = Convolution::kAuto;
  Precision precision = Precision::kFloat32;
  bool measures_statistics = true;   // of batch normalisation, before each validation
  std::vector<bool> frozen;          // by layer
  std::vector<float> class_weights;  // by class; empty: none
  std::size_t prefix = 0;            // frozen layers in front whose features are computed once; 0: none
  NamedTensors weights;              // to start with
  std::vector<std::string> notes;    // for people: what was chosen, what was taken from a model
};

struct PlanOptions {
  /// Of the checkpoint that the run is resumed from, which has what the --init model gave to the run: that is
  /// not read again, and there are no weights to start with. Null: the run starts.
  const RunIdentity* resumed = nullptr;
  /// False for those who want no more than to know that the run is possible: without an --init model no
  /// weights are drawn.
  bool weights = true;
};

/// Opens the data, measures and chooses what the settings leave open. A resolved config gives the same plan
/// again. UsageError, also where a setting names what the network or the data does not have; DataError;
/// DeviceError where features of frozen layers that a resumed run learns from no longer fit in memory.
Plan plan_run(const TrainConfig& config, const NetworkBuilder& builder, const PlanOptions& options = {});

/// Training: every epoch another order and other crops. Validation: every image once.
LoaderOptions training_loader(const Plan& plan);
LoaderOptions validation_loader(const Plan& plan);

}  // namespace alexnet
