#include "tests/cli/run_command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace alexnet {
namespace {

using namespace std::chrono_literals;
constexpr auto kPoll = 5ms;

void redirect(const std::filesystem::path& file, int flags, int descriptor) {
  const int opened = ::open(file.c_str(), flags, 0600);
  ::dup2(opened, descriptor);
  ::close(opened);
}

}  // namespace

int line_count(const std::string& text) { return static_cast<int>(std::ranges::count(text, '\n')); }

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void write(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

RunningCommand::RunningCommand(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                               const std::string& input)
    : folder_(folder) {
  write(folder / ".in", input);
  write(folder / ".out", "");
  write(folder / ".err", "");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  process_ = ::fork();
  if (process_ != 0) return;
  ::signal(SIGINT, SIG_DFL);  // a background shell's children inherit it ignored
  ::setenv("ALEXNET", ALEXNET_PROGRAM, 1);
  ::unsetenv("COLUMNS");
  redirect(folder / ".in", O_RDONLY, 0);
  redirect(folder / ".out", O_WRONLY, 1);
  redirect(folder / ".err", O_WRONLY, 2);
  if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
  ::_exit(127);
}

RunningCommand::~RunningCommand() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

bool RunningCommand::ended(int* status) {
  if (process_ > 0 && ::waitpid(process_, status, WNOHANG) == process_) process_ = -1;
  return process_ < 0;
}

bool RunningCommand::wait_for(const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < until) {
    if (content(folder_ / ".err").find(text) != std::string::npos ||
        content(folder_ / ".out").find(text) != std::string::npos)
      return true;
    if (ended(&status_)) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

void RunningCommand::send(int signal) {
  if (process_ > 0) ::kill(process_, signal);
}

Result RunningCommand::finish() {
  const auto until = std::chrono::steady_clock::now() + 120s;
  while (!ended(&status_)) {
    if (std::chrono::steady_clock::now() > until) send(SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
  Result result;
  if (WIFEXITED(status_)) result.code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) result.signal = WTERMSIG(status_);
  result.out = content(folder_ / ".out");
  result.err = content(folder_ / ".err");
  return result;
}

Result run(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
           const std::string& input) {
  std::vector<std::string> all = {ALEXNET_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunningCommand(folder, all, input).finish();
}

Result run_shell(const std::filesystem::path& folder, const std::string& command) {
  return RunningCommand(folder, {"/bin/sh", "-c", command}).finish();
}

}  // namespace alexnet
