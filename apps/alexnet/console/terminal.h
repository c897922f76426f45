// A stream people may be looking at, and progress on it.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace alexnet::cli {

enum class Colours { kNone, k256, kMillions };

/// A stream people may be looking at.
struct Terminal {
  bool interactive = false;          // a terminal: lines may be redrawn
  Colours colours = Colours::kNone;  // kNone unless interactive, and with NO_COLOR or TERM=dumb
  int columns = 80;
};
/// Of a file descriptor (1 or 2). Its width is the terminal's, else COLUMNS, else 80.
Terminal terminal(int descriptor);

/// A progress bar on stderr, redrawn in place at most ten times a second; when stderr is no terminal, plain
/// lines, at most one every ten seconds. Never longer than the terminal is wide. Thread-safe.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // clears the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// done of total, a label before the bar and metrics after it.
  void show(const std::string& label, std::int64_t done, std::int64_t total, const std::string& metrics);
  /// Removes the bar so that ordinary lines can be written.
  void clear();
  /// Writes a line to stderr where the bar was; the bar comes back with the next show().
  void line(std::string_view text);

 private:
  void remove();

  std::mutex mutex_;
  Terminal terminal_;
  double last_;
  bool visible_ = false;
};

/// One line of at most `columns` columns: "label  ######....  37/100  metrics". Label and metrics are
/// shortened when they must be; the bar is left out where there is no room for it.
std::string progress_line(const std::string& label, std::int64_t done, std::int64_t total,
                          const std::string& metrics, int columns);

}  // namespace alexnet::cli
