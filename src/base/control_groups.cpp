#include "base/control_groups.h"

#include <fstream>
#include <optional>
#include <string>

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// This process's group in the tree, from its line in /proc/self/cgroup: "4:memory:/a/b" (version 1),
/// "0::/a/b" (version 2).
std::optional<fs::path> own_group(const std::string& line, const GroupTree& tree) {
  const std::size_t first = line.find(':'), second = line.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
  if (controllers.find("," + std::string(tree.controller) + ",") == std::string::npos) return std::nullopt;
  return fs::path(line.substr(second + 1)).relative_path();
}

}  // namespace

void visit_own_groups(const fs::path& root, const GroupTree& tree,
                      const std::function<void(const fs::path&)>& visit) {
  const fs::path top = root / tree.mount;
  visit(top);
  std::ifstream lines(root / "proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const std::optional<fs::path> own = own_group(line, tree);
    if (!own) continue;
    fs::path group = top;
    for (const fs::path& step : *own) visit(group /= step);
  }
}

}  // namespace alexnet
