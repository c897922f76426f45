// Where a run stands, in one file: everything an exact resume needs beside the run's config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "alexnet/model.h"
#include "engine/compiled_network.h"
#include "train/plan/run_identity.h"
#include "train/step/schedule.h"

namespace alexnet {

/// Everything that changes from step to step, apart from weights, statistics and what an optimizer keeps.
/// Random numbers need no state of their own: they are functions of the counters here.
struct Progress {
  int epoch = 0;                   // whole epochs done, validation included
  std::int64_t step = 0;           // steps done in all
  std::int64_t step_of_epoch = 0;  // steps done of the epoch under way
  // Of the epoch under way:
  double loss_sum = 0;           // per step, l2 included
  double cross_entropy_sum = 0;  // the same without l2; NaN where an older version began the epoch
  std::int64_t hits = 0, hits5 = 0, images = 0;
  double training_seconds = 0, waiting_seconds = 0, epoch_seconds = 0;
  // Of the run:
  double seconds = 0;
  std::optional<double> best_top1,  // of validation
      best_loss;                    // of the epoch whose model is the best: the lowest with that top-1
  int best_epoch = 0;               // the first that had it
  Plateau plateau;
};

struct Checkpoint {
  Progress progress;
  RunIdentity identity;
  std::string settings;  // of the run, as in config.json; empty in checkpoints of older versions
  NamedTensors tensors;  // parameters and statistics; SLAB.PARAMETER for the slabs kept with them
};

/// What a checkpoint holds beside the network.
struct RunState {
  const Progress& progress;
  const RunIdentity& identity;
  const std::string& settings;
};

/// Whether a checkpoint needs what the update keeps for a parameter: only where the layer learns.
bool is_kept(const CompiledNetwork& network, const SlabEntry& entry);

/// Atomic, as all files of a run are: the older checkpoint or the newer one is there, whole. `fixed` are
/// weights outside of the network, which never change. DataError when it cannot be written.
void save_checkpoint(const std::filesystem::path& path, const RunState& state, CompiledNetwork& network,
                     const NamedTensors& fixed = {});

/// DataError when the file is not a checkpoint, or a single bit of it has changed.
Checkpoint load_checkpoint(const Bytes& file);
Checkpoint load_checkpoint(const std::filesystem::path& path);

/// Puts weights, statistics and what the update keeps back; DataError naming the one that is missing or does
/// not fit.
void restore(const Checkpoint& checkpoint, const std::filesystem::path& path, CompiledNetwork& network);

}  // namespace alexnet
