// Batches whose images are mixed in pairs (Zhang et al. 2018, "mixup: beyond empirical risk minimization").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "data/loader/loader.h"
#include "engine/loss.h"

namespace alexnet {

/// Row i becomes s * row i + (1 - s) * row p(i), with one s for the batch and p an order of it drawn evenly.
/// s is the larger of l and 1 - l, l ~ Beta(alpha, alpha): the same mixed rows as with l, in another order,
/// and the label of a row is what shows most in it. The rows may be features as well as images.
///
/// All draws are functions of (seed, step). Nothing is allocated in a step.
///
/// Partners come from the whole batch, so a process that has only a part of each batch (BatchPart) cannot mix
/// it. It could draw s and p for the whole batch as here, which needs nothing from others, and then needs for
/// its rows i of the part: the labels of all rows p(i), and the images of those p(i) outside its part, which
/// other processes hold (or it reads them itself: the loader makes any row from its place in the epoch).
/// Partners drawn within the parts would need neither, but a run would then depend on how it is divided.
class Mixup {
 public:
  /// `rows`: of a whole batch.
  Mixup(double alpha, std::uint64_t seed, int rows);

  /// Writes a step's batch into a network's input and says what it shows, until the next call. UsageError
  /// when the batch is not whole.
  Targets put_in(const Batch& batch, std::uint32_t step, std::span<float> input);

 private:
  double alpha_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> partners_;
  std::vector<int> others_;
  std::vector<float> fractions_;
};

/// A draw from Beta(alpha, alpha), alpha > 0: that of two gamma draws (Marsaglia and Tsang 2000, "A simple
/// method for generating gamma variables"), by their logarithms, which do not vanish for small alpha.
double draw_beta(double alpha, RandomStream& draws);

}  // namespace alexnet
