#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <system_error>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "data/files/file_rules.h"
#include "data/sources/idx.h"
#include "text/text.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// Whether what lies there is seen when the folder is looked through. Pipes and devices are not.
bool is_seen(const fs::path& place, const fs::path& folder) {
  std::error_code error;
  if (fs::is_other(place, error)) return false;
  const fs::path whole = fs::weakly_canonical(fs::absolute(place), error);
  if (error) return false;
  const fs::path top = fs::canonical(folder, error), inside = whole.lexically_relative(top);
  if (error || inside.empty()) return false;
  if (inside == ".") return true;
  fs::path at = top;
  for (const fs::path& name : inside) {
    if (is_hidden_name(name.string())) return false;  // ".." too
    at /= name;
    if (is_results_folder([&](std::string_view file) { return fs::exists(at / file, error); })) return false;
  }
  return true;
}

/// A place for results outside of the folder, where one can be written.
fs::path place_outside(const fs::path& folder, const fs::path& name) {
  const char* home = std::getenv("HOME");
  std::error_code error;
  for (const fs::path& candidate :
       {(folder / "..").lexically_normal(), fs::path("."), fs::path(home == nullptr ? "" : home)})
    if (!candidate.empty() && ::access(candidate.c_str(), W_OK) == 0 && !is_seen(candidate / name, folder))
      return (candidate / name).lexically_normal();
  return fs::temp_directory_path(error) / name;
}

}  // namespace

void require_outside(const fs::path& data, const std::string& flag, const fs::path& results,
                     const std::string& command) {
  std::error_code error;
  if (!fs::is_directory(data, error) || is_idx_folder(data) || !is_seen(results, data)) return;
  fs::path name = (results.has_filename() ? results : results.parent_path()).filename();
  // runs/DATE keeps both, unless there is a folder runs.
  const fs::path inside = fs::absolute(results).lexically_relative(fs::absolute(data).lexically_normal());
  if (inside == ".")
    name += "-results";
  else if (!inside.empty() && *inside.begin() != ".." && !fs::exists(data / *inside.begin(), error))
    name = inside;
  throw UsageError(
      flag,
      fmt::format("'{}' lies in '{}': the next time the results would be among its images", results.string(),
                  data.string()),
      fmt::format("name a place outside of it, such as {}{}{} {}", command, command.empty() ? "" : " ", flag,
                  shell_text(place_outside(data, name).string())));
}

}  // namespace alexnet
