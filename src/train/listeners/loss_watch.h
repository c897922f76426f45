// Notices training that leads nowhere.
#pragma once

#include <array>
#include <cstdint>

namespace alexnet {

/// Watches the last 100 steps for what training may come back from but seldom does.
class LossWatch {
 public:
  enum class Sign {
    kNone,
    /// The loss stays at ln(classes) while the answers are no better than guesses: a network that answers the
    /// same whatever it sees. (With much dropout a network that learns well can have that loss for a while.)
    /// After 200 steps or more: the mean of the cross-entropy is within 1.5 % of ln(classes), and that of the
    /// fraction of right answers less than a tenth of the way from 1 / classes to 1.
    kStays,
    /// The mean of the cross-entropy is more than ten times ln(classes).
    kExplodes,
  };

  explicit LossWatch(int classes);

  /// Takes a step's cross-entropy and the fraction of images it had right. Each sign is given once.
  Sign take(double cross_entropy, double top1);
  /// Of the cross-entropies of the last 100 steps.
  double mean_loss() const;

 private:
  bool stays() const;

  std::array<double, 100> losses_{}, top1s_{};
  std::int64_t taken_ = 0;
  double classes_;
  bool reported_stays_ = false, reported_explodes_ = false;
};

}  // namespace alexnet
