// What the library has to say while it works goes through here, to stderr unless the host says otherwise.
#pragma once

#include <functional>
#include <string_view>

#include "alexnet/export.h"

namespace alexnet {

/// Severity of a message, in rising order.
enum class LogLevel {
  kDebug,    ///< not shown by default
  kInfo,     ///< progress and choices
  kWarning,  ///< "warning: " precedes it on stderr
  kError     ///< "error: " precedes it on stderr
};

/// Messages below `level` are dropped. Default: kInfo.
ALEXNET_API void set_log_level(LogLevel level);

/// Sends every message to `sink` instead of stderr; an empty function restores stderr.
/// The sink may be called from any thread, one call at a time.
ALEXNET_API void set_log_sink(std::function<void(LogLevel, std::string_view)> sink);

/// Sends one message, without the line's end.
ALEXNET_API void log(LogLevel level, std::string_view message);
/// log() with LogLevel::kInfo.
inline void log_info(std::string_view message) { log(LogLevel::kInfo, message); }
/// log() with LogLevel::kWarning.
inline void log_warning(std::string_view message) { log(LogLevel::kWarning, message); }

}  // namespace alexnet
