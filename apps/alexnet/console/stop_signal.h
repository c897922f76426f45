// Ctrl-C and its like, while a run is under way.
#pragma once

#include <atomic>

namespace alexnet::cli {

/// From now on the first interrupt (Ctrl-C, SIGTERM, a closed terminal, nobody reading the output any more)
/// only sets the flag; a second one ends the program as usual.
const std::atomic<bool>& catch_stop_signals();

}  // namespace alexnet::cli
