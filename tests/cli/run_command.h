// Runs the program as a person would: arguments in; exit code, standard output and standard error out.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace alexnet {

struct Result {
  int code = -1;   // exit code; -1 when a signal ended the program
  int signal = 0;  // that signal
  std::string out, err;
};

/// How many lines a text has.
int line_count(const std::string& text);
std::vector<std::string> lines_of(const std::string& text);
std::string content(const std::filesystem::path& file);
void write(const std::filesystem::path& file, const std::string& bytes);

/// The program on its way. Standard output and error go to files in `folder`, where it also runs.
class RunningCommand {
 public:
  RunningCommand(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                 const std::string& input = {});
  ~RunningCommand();
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;

  /// Waits until standard error or output holds `text`; false when the program ended, or a minute passed,
  /// without it.
  bool wait_for(const std::string& text);
  void send(int signal);
  /// Waits for the end; a program that hangs for two minutes is killed.
  Result finish();

 private:
  bool ended(int* status);

  std::filesystem::path folder_;
  pid_t process_ = -1;
  int status_ = 0;
};

Result run(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
           const std::string& input = {});
/// A shell command in which $ALEXNET is the program.
Result run_shell(const std::filesystem::path& folder, const std::string& command);

}  // namespace alexnet
