#include "console/lost_file.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

#include "alexnet/bytes.h"
#include "command.h"

namespace alexnet::cli {
namespace {

void write_error(const char* text) {
  // Nothing is left to be done where this fails.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

/// Only what a signal handler may call.
void end_program(int signal, siginfo_t* info, void*) {
  static std::atomic_flag reported = ATOMIC_FLAG_INIT;
  const char* file = Bytes::mapped_at(info->si_addr);
  if (file == nullptr) {  // not ours: the instruction is repeated, and ends the program as usual
    std::signal(signal, SIG_DFL);
    return;
  }
  if (reported.test_and_set())
    for (;;) ::pause();  // another thread is about to end the program
  write_error("alexnet: ");
  write_error(file);
  write_error(
      ": cannot be read any more (it was cut short, or its disk failed); restore it, and do not write "
      "to a file in use: replace it with mv\n");
  ::_exit(kBadData);
}

}  // namespace

void report_lost_files() {
  struct sigaction action {};
  action.sa_sigaction = end_program;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace alexnet::cli
