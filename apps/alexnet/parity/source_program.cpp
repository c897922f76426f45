#include "parity/source_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "alexnet/error.h"

extern char** environ;

namespace alexnet::cli {
namespace {

namespace fs = std::filesystem;

/// The script that computes networks of a family or a format; empty where there is none.
std::string_view script_of(const Origin& origin) {
  if (origin.layers.empty()) return "";
  if (origin.family == "torchvision AlexNet") return "compare_pytorch.py";
  if (origin.format == "Caffe") return "compare_caffe.py";
  if (origin.format == "Keras") return "compare_keras.py";
  return origin.format == "ONNX" ? "compare_onnx.py" : "";
}

/// Beside the installed program, or in the folder that it was built in.
std::optional<fs::path> find_script(std::string_view name) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& folder : {program / "../share/alexnet", program / "share/alexnet"})
    if (fs::exists(folder / name, error)) return folder / name;
  return std::nullopt;
}

/// A folder that is removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = fs::temp_directory_path() / "alexnet-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw DataError(pattern, "cannot be made");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }
  fs::path operator/(std::string_view name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string last_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line, last;
  while (std::getline(in, line))
    if (!line.empty()) last = line;
  return last;
}

/// Runs a command with its outputs in files. Returns its exit code; -1 when it cannot be started.
int run(std::vector<std::string> command, const fs::path& output, const fs::path& errors) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC, kMode = 0600;
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), kFlags, kMode);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(), kFlags, kMode);
  pid_t process = 0;
  const int failed = ::posix_spawnp(&process, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  if (failed != 0 || ::waitpid(process, &status, 0) != process || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

}  // namespace

SourceOutputs run_source_program(const fs::path& file, const fs::path& network, const Origin& origin,
                                 const Tensor& input) {
  const std::string_view name = script_of(origin);
  if (name.empty())
    return {{}, "", "no script is known that computes networks of this kind with another program"};
  const std::optional<fs::path> script = find_script(name);
  if (!script) return {{}, "", fmt::format("{} is not installed beside the program", name)};
  const char* chosen = std::getenv("ALEXNET_PYTHON");
  const std::string python = chosen == nullptr || *chosen == '\0' ? "python3" : chosen;
  const TemporaryFolder folder;
  const fs::path in = folder / "input.npy", said = folder / "said", errors = folder / "errors";
  write_npy(in, input.shape, input.values);
  auto names = nlohmann::json::array();
  for (const auto& [ours, theirs] : origin.layers) names.push_back(theirs);
  std::ofstream(folder / "layers.json") << names;
  std::vector<std::string> command = {python, script->string(), fs::absolute(file).string(), in.string(),
                                      folder.path().string()};
  if (!network.empty()) command.push_back(fs::absolute(network).string());
  if (run(std::move(command), said, errors) != 0) {
    const std::string error = last_line(errors);
    return {{}, "", fmt::format("{}: {}", python, error.empty() ? "cannot be run" : error)};
  }
  SourceOutputs result{{}, last_line(said), ""};
  std::size_t number = 0;
  for (const auto& [ours, theirs] : origin.layers)
    result.layers.emplace(ours, read_npy(folder / fmt::format("{}.npy", number++)));
  return result;
}

}  // namespace alexnet::cli
