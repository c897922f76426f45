#include "base/log_once.h"

#include <mutex>
#include <set>

#include "alexnet/log.h"

namespace alexnet {

void log_info_once(const std::string& message) {
  static std::mutex mutex;
  static std::set<std::string> logged;
  {
    const std::lock_guard lock(mutex);
    if (!logged.insert(message).second) return;
  }
  log_info(message);
}

}  // namespace alexnet
