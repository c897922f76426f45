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

/// Watches for a loss that stays at ln(classes) while the answers are no better than guesses: a network that
/// answers the same whatever it sees. (With much dropout a network that learns well can have that loss for a
/// while.)
class StuckLoss {
 public:
  explicit StuckLoss(int classes);

  /// Takes a step's cross-entropy and the share of pictures it had right. True once: when, over the last 100
  /// steps, the mean of the one is within 1.5 % of ln(classes) and that of the other less than a tenth of the
  /// way from 1 / classes to 1, although at least 200 steps have been made.
  bool take(double cross_entropy, double top1);

 private:
  std::array<double, 100> losses_{}, top1s_{};
  std::int64_t taken_ = 0;
  double classes_;
  bool told_ = false;
};

}  // namespace alexnet
