// Showing numbers to people: terminal output and charts. Knows nothing about networks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace alexnet {

/// A stream people may be looking at.
struct Terminal {
  bool interactive = false;  // a terminal: lines may be redrawn
  bool colour = false;       // interactive, and neither NO_COLOR nor TERM=dumb
  int columns = 80;
};
/// Of a file descriptor (1 or 2).
Terminal terminal(int descriptor);

/// A progress bar on stderr, redrawn in place at most ten times a second; when stderr is no terminal, plain
/// lines, at most one every few seconds. Never longer than the terminal is wide.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // clears the line
  /// done of total, a label before the bar and figures after it.
  void show(const std::string& label, std::int64_t done, std::int64_t total, const std::string& figures);
  /// Removes the bar so that ordinary lines can be written.
  void clear();

 private:
  Terminal terminal_;
  double last_ = -1;
  bool visible_ = false;
};

/// "4:05", "1:02:03".
std::string duration(double seconds);

/// Aligned columns as text, right-aligned where a column holds numbers; the first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// Learning curves as a PNG: series over epochs, losses left, accuracies right.
struct Series {
  std::string name;
  std::vector<double> values;  // NaN where there is none
};
void draw_curves(const std::filesystem::path& png, const std::vector<Series>& losses,
                 const std::vector<Series>& accuracies);

/// Confusion matrix as a PNG (truth down, prediction across, rows as shares) and as CSV. counts[truth * n +
/// predicted].
void draw_confusion(const std::filesystem::path& png, const std::vector<std::string>& classes,
                    std::span<const std::int64_t> counts);
std::string confusion_csv(const std::vector<std::string>& classes, std::span<const std::int64_t> counts);
/// The same for a terminal: the n most confused classes when there are more than fit `columns`.
std::string confusion_text(const std::vector<std::string>& classes, std::span<const std::int64_t> counts,
                           int columns);

/// A gray picture (row-major, 8 bit) as text lines of at most `columns` characters, two pixels per character
/// cell.
std::vector<std::string> picture_text(std::span<const std::uint8_t> gray, int width, int height, int columns,
                                      bool colour);

}  // namespace alexnet
