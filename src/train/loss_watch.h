// Notices training that leads nowhere.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace alexnet {

/// "NaN", "infinite" or "exploding" for a step's loss that training cannot come back from; empty otherwise.
/// Exploding: the cross-entropy is more than a thousand times ln(classes), what a guess costs. (Batch
/// normalisation makes single batches of a hundred times that survivable.)
std::string divergence(double cross_entropy, double l2_loss, int classes);

/// Watches for a loss that stays at ln(classes): a network that answers the same whatever it sees.
class StuckLoss {
 public:
  explicit StuckLoss(int classes);

  /// Takes a step's cross-entropy. True once: when the mean over the last 100 steps is within 1.5 % of
  /// ln(classes) although at least 200 steps have been made.
  bool take(double cross_entropy);

 private:
  std::array<double, 100> last_{};
  std::int64_t taken_ = 0;
  double guess_;
  bool told_ = false;
};

}  // namespace alexnet
