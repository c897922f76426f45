// Patience with disks and networks that fail for a moment.
#pragma once

#include <chrono>
#include <thread>

#include "base/file.h"

namespace alexnet {

/// What `read` returns. Where it throws a ReadError, it is called again after a pause, in all for about a
/// second; the last ReadError passes through.
template <class Read>
auto read_again(const Read& read) {
  using namespace std::chrono_literals;
  for (auto pause = 50ms;; pause *= 4) try {
      return read();
    } catch (const ReadError&) {
      if (pause > 1s) throw;
      std::this_thread::sleep_for(pause);
    }
}

}  // namespace alexnet
