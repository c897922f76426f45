// What people call the processor.
#pragma once

#include <filesystem>
#include <string>

namespace alexnet {

/// From proc/cpuinfo below `root`: "AMD EPYC 9B14"; on ARM, where the system knows numbers alone, the names
/// of its kinds of cores: "Cortex-A76, Cortex-A55". "unknown processor" where it is not known.
std::string processor_name(const std::filesystem::path& root = "/");

}  // namespace alexnet
