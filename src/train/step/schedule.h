// How the learning rate changes over a run.
#pragma once

#include <cstdint>

#include "train/plan/plan.h"

namespace alexnet {

/// Where a run is.
struct Moment {
  std::int64_t step = 0;     // 0 for the first
  double plateau_scale = 1;  // Plateau::scale
  double seconds = 0;        // trained so far; matters with max_minutes only
};

/// Learning rate of a step. With w = warmup_epochs * steps_per_epoch steps of warm-up, the first w steps rise
/// in a line, lr * (step + 1) / w. Then, with k = step - w of n = epochs * steps_per_epoch - w steps (fewer
/// where max_steps ends the run sooner):
///   constant  lr
///   step      lr * lr_factor ^ (epoch / step_epochs), the epoch counted from 0 and from the run's start
///   cosine    lr / 2 * (1 + cos(pi * k / n))          (Loshchilov & Hutter 2017, without restarts)
///   plateau   lr * plateau_scale
/// Where max_minutes would end the run before its steps do, a cosine follows the clock instead of k / n: a
/// run cut off in the middle of its cosine would end with weights that have not settled.
double learning_rate(const Plan& plan, std::int64_t steps_per_epoch, const Moment& moment);

/// The state of schedule "plateau": PyTorch's ReduceLROnPlateau with its defaults (mode min, relative
/// threshold 1e-4).
struct Plateau {
  double scale = 1;
  double best = 0;  // lowest loss so far; means nothing while `seen` is false
  int waited = 0;   // epochs since
  bool seen = false;

  /// Takes an epoch's loss: after more than `patience` epochs without a better one the scale is multiplied
  /// with `factor`.
  void take(double loss, int patience, double factor);
};

}  // namespace alexnet
