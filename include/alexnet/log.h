// What the library has to say while it works goes through here, to stderr unless the host says otherwise.
#pragma once

#include <functional>
#include <string_view>

#include "alexnet/export.h"

namespace alexnet {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Messages below `level` are dropped. Default: kInfo.
ALEXNET_API void set_log_level(LogLevel level);

/// Sends every message to `sink` instead of stderr; an empty function restores stderr.
/// The sink may be called from any thread, one call at a time.
ALEXNET_API void set_log_sink(std::function<void(LogLevel, std::string_view)> sink);

ALEXNET_API void log(LogLevel level, std::string_view message);
inline void log_info(std::string_view message) { log(LogLevel::kInfo, message); }
inline void log_warning(std::string_view message) { log(LogLevel::kWarning, message); }

}  // namespace alexnet
