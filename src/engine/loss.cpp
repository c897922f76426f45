#include "engine/loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace alexnet {
namespace {

/// One row of logits, and what the log-softmax of it needs: log p_c = logits[c] - largest - log_sum.
struct Row {
  std::span<const float> logits;
  double largest = 0;
  double log_sum = 0;  // log of sum exp(logits - largest)

  explicit Row(std::span<const float> values) : logits(values) {
    largest = *std::ranges::max_element(values);
    double sum = 0;
    for (const float value : values) sum += std::exp(value - largest);
    log_sum = std::log(sum);
  }

  double log_probability(std::size_t c) const { return logits[c] - largest - log_sum; }
  bool valid() const {
    return std::ranges::none_of(logits, [](float value) { return std::isnan(value); });
  }
  /// Classes that come before `label` when sorted by logit, ties by index.
  int rank(std::size_t label) const {
    int before = 0;
    for (std::size_t c = 0; c < logits.size(); ++c)
      before += logits[c] > logits[label] || (logits[c] == logits[label] && c < label) ? 1 : 0;
    return before;
  }
};

/// The weight of each class, 1 where none are given.
class Weights {
 public:
  explicit Weights(std::span<const float> weights) : weights_(weights) {}
  double operator[](std::size_t c) const { return weights_.empty() ? 1.0 : double{weights_[c]}; }

 private:
  std::span<const float> weights_;
};

/// The labels of a row and how much of it each is.
struct Mixture {
  std::size_t label, other;
  double fraction, rest;

  Mixture(const Targets& targets, std::size_t row)
      : label(static_cast<std::size_t>(targets.labels[row])), other(label), fraction(1), rest(0) {
    if (targets.others.empty()) return;
    other = static_cast<std::size_t>(targets.others[row]);
    fraction = targets.fractions[row];
    rest = 1 - fraction;
  }

  double one_hot(std::size_t c) const { return (c == label ? fraction : 0) + (c == other ? rest : 0); }
  double weight(const Weights& weights) const { return fraction * weights[label] + rest * weights[other]; }
};

}  // namespace

// As PyTorch's CrossEntropyLoss(weight=w, label_smoothing=e), target class t of C:
//   loss of a row = -sum over c of w_c q_c log p_c,  q_c = (1 - e) [c == t] + e / C
// and the loss is the sum over rows divided by the sum of w_t. With W = sum of w_c q_c the gradient of a row
// is
//   (W p_c - w_c q_c) / (sum of w_t).
// For a mixed row [c == t] and w_t are the mixture's.
LossResult softmax_cross_entropy(std::span<const float> logits, const Targets& targets,
                                 const LossOptions& options, std::span<float> gradient) {
  LossResult result;
  const std::size_t rows = targets.labels.size();
  if (rows == 0) return result;
  const std::size_t classes = logits.size() / rows;
  const Weights weights(options.class_weights);
  const double smoothing = options.label_smoothing, spread = smoothing / static_cast<double>(classes);

  double weight_of_labels = 0, weight_of_classes = 0;
  for (std::size_t n = 0; n < rows; ++n) weight_of_labels += Mixture(targets, n).weight(weights);
  for (std::size_t c = 0; c < classes; ++c) weight_of_classes += weights[c];
  // By infinity, numbers become 0 and a NaN stays one.
  const double divisor = weight_of_labels > 0 ? weight_of_labels : std::numeric_limits<double>::infinity();

  for (std::size_t n = 0; n < rows; ++n) {
    const Row row(logits.subspan(n * classes, classes));
    const Mixture mixture(targets, n);
    if (row.valid()) {
      const int rank = row.rank(mixture.label);
      result.top1 += rank < 1 ? 1 : 0;
      result.top5 += rank < 5 ? 1 : 0;
      const auto loss_of = [&](std::size_t c) {
        return weights[c] * (1.0 - smoothing) * row.log_probability(c);
      };
      result.loss -= mixture.fraction * loss_of(mixture.label);
      if (mixture.rest > 0) result.loss -= mixture.rest * loss_of(mixture.other);
      if (spread > 0)
        for (std::size_t c = 0; c < classes; ++c) result.loss -= weights[c] * spread * row.log_probability(c);
    } else {
      result.loss = std::numeric_limits<double>::quiet_NaN();
    }
    if (gradient.empty()) continue;
    const double row_weight = spread * weight_of_classes + (1.0 - smoothing) * mixture.weight(weights);
    for (std::size_t c = 0; c < classes; ++c) {
      const double target = weights[c] * (spread + (1.0 - smoothing) * mixture.one_hot(c));
      gradient[n * classes + c] =
          static_cast<float>((row_weight * std::exp(row.log_probability(c)) - target) / divisor);
    }
  }
  result.loss /= divisor;
  return result;
}

}  // namespace alexnet
