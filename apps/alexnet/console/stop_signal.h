// Ctrl-C and its like, while a run is under way.
#pragma once

#include <atomic>
#include <string_view>

namespace alexnet::cli {

/// From now on the first interrupt (Ctrl-C, SIGTERM, a closed terminal, nobody reading the output any more)
/// only sets the flag; a second one ends the program as usual.
const std::atomic<bool>& catch_stop_signals();

/// Writes a text to a descriptor, and waits for its reader only until an interrupt was caught: a full pipe
/// that nobody reads must not keep a run from saving. 0 when all was written, else an errno; ECANCELED where
/// an interrupt came first.
int write_until_stopped(int descriptor, std::string_view text);

/// Results of a run on standard output, as it makes them. What cannot be written does not end the run.
class RunOutput {
 public:
  void write(std::string_view text);
  /// At the end of the run: DataError when something could not be written.
  void finish() const;

 private:
  int error_ = 0;
};

}  // namespace alexnet::cli
