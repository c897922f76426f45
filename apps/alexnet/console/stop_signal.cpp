#include "console/stop_signal.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string>
#include <system_error>

#include "alexnet/error.h"

namespace alexnet::cli {
namespace {

std::atomic<bool> stop_wanted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

}  // namespace

const std::atomic<bool>& catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_wanted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // What was ignored stays ignored: under nohup a closed terminal does not matter.
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
  // Every later write to a closed pipe raises it again: it must not end the program while that saves.
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &action, nullptr);
  return stop_wanted;
}

int write_until_stopped(int descriptor, std::string_view text) {
  // A pipe that is ready has room for as much without waiting.
  constexpr std::size_t kPortion = PIPE_BUF;
  constexpr int kPatience = 100;  // milliseconds: a signal may come just before the wait begins
  while (!text.empty()) {
    pollfd room{descriptor, POLLOUT, 0};
    const int ready = ::poll(&room, 1, stop_wanted ? 0 : kPatience);
    if (ready == 0 && stop_wanted) return ECANCELED;
    if (ready <= 0) continue;
    const ssize_t written = ::write(descriptor, text.data(), std::min(text.size(), kPortion));
    if (written < 0 && errno != EINTR && errno != EAGAIN) return errno;
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

void RunOutput::write(std::string_view text) {
  const int error = write_until_stopped(STDOUT_FILENO, text);
  // A reader that went away has raised a signal, and the run is stopping.
  if (error != 0 && error != EPIPE && error != ECANCELED && error_ == 0) error_ = error;
}

void RunOutput::finish() const {
  if (error_ != 0)
    throw DataError("standard output", "cannot be written (" + std::generic_category().message(error_) + ")",
                    "the run itself is whole");
}

}  // namespace alexnet::cli
