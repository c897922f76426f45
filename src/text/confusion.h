// Confusion matrices as text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace alexnet {

/// counts[truth * n + predicted] with its sums.
class ConfusionCounts {
 public:
  ConfusionCounts(std::size_t classes, std::span<const std::int64_t> counts)
      : classes_(classes), counts_(counts) {
    for (std::size_t truth = 0; truth < classes; ++truth) {
      const auto row = counts.subspan(truth * classes, classes);
      rows_.push_back(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
    }
  }
  std::int64_t at(std::size_t truth, std::size_t predicted) const {
    return counts_[truth * classes_ + predicted];
  }
  /// Fraction of the images of a class; 0 where there are none.
  double fraction(std::size_t truth, std::size_t predicted) const {
    return rows_[truth] == 0 ? 0
                             : static_cast<double>(at(truth, predicted)) / static_cast<double>(rows_[truth]);
  }
  std::int64_t row(std::size_t truth) const { return rows_[truth]; }
  std::int64_t max() const { return counts_.empty() ? 0 : *std::ranges::max_element(counts_); }
  /// Wrong predictions a class has part in, as truth or as prediction.
  std::int64_t confused(std::size_t index) const {
    std::int64_t sum = rows_[index] - 2 * at(index, index);
    for (std::size_t truth = 0; truth < classes_; ++truth) sum += at(truth, index);
    return sum;
  }

 private:
  std::size_t classes_;
  std::span<const std::int64_t> counts_;
  std::vector<std::int64_t> rows_;
};

/// As CSV (RFC 4180), a row per true class.
std::string confusion_csv(const std::vector<std::string>& classes, std::span<const std::int64_t> counts);
/// For a terminal: the n most confused classes when there are more than fit `columns`.
std::string confusion_text(const std::vector<std::string>& classes, std::span<const std::int64_t> counts,
                           int columns);

}  // namespace alexnet
