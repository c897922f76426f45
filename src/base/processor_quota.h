// How much of the processors' time a container or service may use.
#pragma once

#include <filesystem>
#include <optional>

namespace alexnet {

/// The number of processors whose time the control groups around this process allow it, rounded up, at least
/// 1; nothing where none has a quota. More threads than that compute no faster: the kernel stops them all
/// until the next period. `root` is where /proc and /sys are looked for.
std::optional<int> processor_quota(const std::filesystem::path& root = "/");

}  // namespace alexnet
