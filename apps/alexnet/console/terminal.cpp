// What a terminal can do, and the progress bar on it.
#include "console/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include "console/stop_signal.h"
#include "fmt/format.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kPlainSeconds = 10;
constexpr int kLargestBar = 24;
constexpr int kSmallestBar = 6;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Colours colours_of_environment() {
  const std::string_view term = environment("TERM");
  if (!environment("NO_COLOR").empty() || term == "dumb" || term.empty()) return Colours::kNone;
  const std::string_view kind = environment("COLORTERM");
  return kind == "truecolor" || kind == "24bit" ? Colours::kMillions : Colours::k256;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void write_to_stderr(std::string_view text) { write_until_stopped(STDERR_FILENO, text); }

/// A bar of `width` columns, drawn to an eighth of a column.
std::string bar(double fraction, int width) {
  static constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(fraction * width * 8);
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[static_cast<std::size_t>(eighths % 8)];
  for (int i = (eighths + 7) / 8; i < width; ++i) text += "·";
  return text;
}

}  // namespace

Terminal terminal(int descriptor) {
  Terminal result;
  result.interactive = ::isatty(descriptor) == 1;
  if (result.interactive) result.colours = colours_of_environment();
  winsize size{};
  if (result.interactive && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    result.columns = size.ws_col;
  else if (const int columns = std::atoi(std::string(environment("COLUMNS")).c_str()); columns > 0)
    result.columns = columns;
  result.columns = std::clamp(result.columns, 20, 10'000);
  return result;
}

std::string progress_line(const std::string& label, std::int64_t done, std::int64_t total,
                          const std::string& metrics, int columns) {
  const double fraction =
      total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 0.0;
  std::string count = std::to_string(done);
  if (total > 0) {
    const std::string all = std::to_string(total);
    count = fmt::format("{:>{}}/{}", count, all.size(), all);
  }
  const int fixed =
      text_width(label) + 2 + text_width(count) + (metrics.empty() ? 0 : 2 + text_width(metrics));
  const int room = columns - fixed - 2;
  std::string line = label + "  ";
  if (room >= kSmallestBar) line += bar(fraction, std::min(room, kLargestBar)) + "  ";
  line += count;
  if (!metrics.empty()) line += "  " + metrics;
  return shortened(line, columns);
}

ProgressBar::ProgressBar() : terminal_(terminal(2)), last_(terminal_.interactive ? 0 : now()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::show(const std::string& label, std::int64_t done, std::int64_t total,
                       const std::string& metrics) {
  const std::lock_guard lock(mutex_);
  const double time = now();
  if (time - last_ < (terminal_.interactive ? kRedrawSeconds : kPlainSeconds)) return;
  last_ = time;
  if (!terminal_.interactive) {
    const std::string all = total > 0 ? fmt::format("/{}", total) : "";
    write_to_stderr(fmt::format("{}  {}{}  {}\n", label, done, all, metrics));
    return;
  }
  terminal_.columns = terminal(2).columns;  // people resize windows
  // The last column stays free: writing into it makes some terminals wrap.
  write_to_stderr("\r" + progress_line(label, done, total, metrics, terminal_.columns - 1) + "\x1b[K");
  visible_ = true;
}

void ProgressBar::clear() {
  const std::lock_guard lock(mutex_);
  remove();
}

void ProgressBar::line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  remove();
  write_to_stderr(std::string(text) + "\n");
}

void ProgressBar::remove() {
  if (visible_) write_to_stderr("\r\x1b[K");
  visible_ = false;
}

}  // namespace alexnet::cli
