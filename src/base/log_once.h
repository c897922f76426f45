// What is worth saying, but not again.
#pragma once

#include <string>

namespace alexnet {

/// Logs a message (alexnet/log.h) unless this process has logged it here before.
void log_info_once(const std::string& message);

}  // namespace alexnet
