#include "text/confusion.h"

#include <algorithm>
#include <numeric>

#include "fmt/format.h"
#include "text/text.h"

namespace alexnet {
namespace {

/// The classes to show where `max` fit: all, or the most confused, in their own order.
std::vector<std::size_t> shown_classes(const ConfusionCounts& counts, std::size_t n, std::size_t max) {
  std::vector<std::size_t> chosen(n);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  if (n <= max) return chosen;
  std::ranges::stable_sort(chosen, std::greater{}, [&](std::size_t index) { return counts.confused(index); });
  chosen.resize(max);
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace

std::string confusion_csv(const std::vector<std::string>& classes, std::span<const std::int64_t> counts) {
  const ConfusionCounts matrix(classes.size(), counts);
  std::string text = "truth";
  for (const std::string& name : classes) text += "," + csv_cell(name);
  text += "\n";
  for (std::size_t truth = 0; truth < classes.size(); ++truth) {
    text += csv_cell(classes[truth]);
    for (std::size_t predicted = 0; predicted < classes.size(); ++predicted)
      text += fmt::format(",{}", matrix.at(truth, predicted));
    text += "\n";
  }
  return text;
}

std::string confusion_text(const std::vector<std::string>& classes, std::span<const std::int64_t> counts,
                           int columns) {
  const std::size_t n = classes.size();
  const ConfusionCounts matrix(n, counts);
  int longest = 5;
  for (const std::string& name : classes) longest = std::max(longest, text_width(printable(name)));
  const int number = static_cast<int>(fmt::format("{}", n - 1).size());
  const int cell = std::max(static_cast<int>(fmt::format("{}", matrix.max()).size()), number) + 1;
  constexpr int kRecall = 8;
  const int min_name = std::min(longest, 14);
  const int room = std::max(1, (columns - number - 1 - min_name - kRecall) / cell);
  const auto shown = shown_classes(matrix, n, static_cast<std::size_t>(room));
  const int width = static_cast<int>(shown.size()) * cell;
  const int name_width = std::clamp(columns - number - 1 - width - kRecall, min_name, longest);

  const auto padded = [&](const std::string& text) {
    const std::string name = shortened(printable(text), name_width);
    return name + std::string(static_cast<std::size_t>(name_width - text_width(name)), ' ');
  };
  std::string text = fmt::format("{:>{}} {}", "", number, padded("truth"));
  for (const std::size_t predicted : shown) text += fmt::format("{:>{}}", predicted, cell);
  text += fmt::format("{:>{}}\n", "right", kRecall);
  for (const std::size_t truth : shown) {
    text += fmt::format("{:>{}} {}", truth, number, padded(classes[truth]));
    for (const std::size_t predicted : shown) {
      const std::int64_t count = matrix.at(truth, predicted);
      text += count == 0 ? fmt::format("{:>{}}", "·", cell) : fmt::format("{:>{}}", count, cell);
    }
    text += matrix.row(truth) == 0
                ? fmt::format("{:>{}}\n", "-", kRecall)
                : fmt::format("{:>{}.1f} %\n", 100 * matrix.fraction(truth, truth), kRecall - 2);
  }
  if (shown.size() < n) text += fmt::format("The {} most confused of {} classes.\n", shown.size(), n);
  return text;
}

}  // namespace alexnet
