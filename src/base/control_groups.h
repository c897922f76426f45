// The control groups (containers, services) that this process is in; versions 1 and 2.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace alexnet {

/// Where a version of control groups has its groups.
struct GroupTree {
  const char* mount;            // below the root
  std::string_view controller;  // version 1 has a tree for each; empty: version 2, which has one
};
constexpr GroupTree kGroups2 = {"sys/fs/cgroup", ""};
/// Version 2 beside groups of version 1 for other things.
constexpr GroupTree kHybridGroups2 = {"sys/fs/cgroup/unified", ""};

/// Calls visit(folder) for the top of the tree, the groups around this process, and its own, in this order.
/// In a container the path may be the host's, of which nothing is mounted but the group itself, at the top:
/// so some folders may not be there. `root` is where /proc and /sys are looked for.
void visit_own_groups(const std::filesystem::path& root, const GroupTree& tree,
                      const std::function<void(const std::filesystem::path&)>& visit);

}  // namespace alexnet
