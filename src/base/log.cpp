#include "alexnet/log.h"

#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>

namespace alexnet {
namespace {

std::atomic<LogLevel> min_level{LogLevel::kInfo};
std::mutex sink_mutex;

std::function<void(LogLevel, std::string_view)>& sink_function() {
  static std::function<void(LogLevel, std::string_view)> sink;
  return sink;
}

void write_to_stderr(LogLevel level, std::string_view message) {
  std::string line = level == LogLevel::kWarning ? "warning: " : level == LogLevel::kError ? "error: " : "";
  line += message;
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void set_log_level(LogLevel level) { min_level = level; }

void set_log_sink(std::function<void(LogLevel, std::string_view)> sink) {
  const std::lock_guard lock(sink_mutex);
  sink_function() = std::move(sink);
}

void log(LogLevel level, std::string_view message) {
  if (level < min_level) return;
  const std::lock_guard lock(sink_mutex);
  if (sink_function())
    sink_function()(level, message);
  else
    write_to_stderr(level, message);
}

}  // namespace alexnet
