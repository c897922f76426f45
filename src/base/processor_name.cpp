#include "base/processor_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <vector>

namespace alexnet {
namespace {

/// A core as an ARM processor identifies it (its register MIDR_EL1).
struct ArmCore {
  std::string_view implementer, part, name;
};

// Of cores that compute with 64 bits and that a network may run on: servers, boards, and computers for one
// person.
constexpr ArmCore kArmCores[] = {{"0x41", "0xd03", "Cortex-A53"},
                                 {"0x41", "0xd04", "Cortex-A35"},
                                 {"0x41", "0xd05", "Cortex-A55"},
                                 {"0x41", "0xd07", "Cortex-A57"},
                                 {"0x41", "0xd08", "Cortex-A72"},
                                 {"0x41", "0xd09", "Cortex-A73"},
                                 {"0x41", "0xd0a", "Cortex-A75"},
                                 {"0x41", "0xd0b", "Cortex-A76"},
                                 {"0x41", "0xd0c", "Neoverse-N1"},
                                 {"0x41", "0xd0d", "Cortex-A77"},
                                 {"0x41", "0xd40", "Neoverse-V1"},
                                 {"0x41", "0xd41", "Cortex-A78"},
                                 {"0x41", "0xd42", "Cortex-A78AE"},
                                 {"0x41", "0xd44", "Cortex-X1"},
                                 {"0x41", "0xd46", "Cortex-A510"},
                                 {"0x41", "0xd47", "Cortex-A710"},
                                 {"0x41", "0xd48", "Cortex-X2"},
                                 {"0x41", "0xd49", "Neoverse-N2"},
                                 {"0x41", "0xd4a", "Neoverse-E1"},
                                 {"0x41", "0xd4b", "Cortex-A78C"},
                                 {"0x41", "0xd4c", "Cortex-X1C"},
                                 {"0x41", "0xd4d", "Cortex-A715"},
                                 {"0x41", "0xd4e", "Cortex-X3"},
                                 {"0x41", "0xd4f", "Neoverse-V2"},
                                 {"0x41", "0xd80", "Cortex-A520"},
                                 {"0x41", "0xd81", "Cortex-A720"},
                                 {"0x41", "0xd82", "Cortex-X4"},
                                 {"0x41", "0xd84", "Neoverse-V3"},
                                 {"0x41", "0xd85", "Cortex-X925"},
                                 {"0x41", "0xd87", "Cortex-A725"},
                                 {"0x41", "0xd8e", "Neoverse-N3"},
                                 {"0x42", "0x516", "ThunderX2"},
                                 {"0x43", "0x0a1", "ThunderX"},
                                 {"0x43", "0x0af", "ThunderX2"},
                                 {"0x46", "0x001", "A64FX"},
                                 {"0x48", "0xd01", "Kunpeng 920"},
                                 {"0x4e", "0x003", "NVIDIA Denver 2"},
                                 {"0x4e", "0x004", "NVIDIA Carmel"},
                                 {"0x51", "0x001", "Qualcomm Oryon"},
                                 {"0x51", "0xc00", "Qualcomm Falkor"},
                                 {"0x61", "0x022", "Apple Icestorm (M1)"},
                                 {"0x61", "0x023", "Apple Firestorm (M1)"},
                                 {"0x61", "0x024", "Apple Icestorm (M1 Pro)"},
                                 {"0x61", "0x025", "Apple Firestorm (M1 Pro)"},
                                 {"0x61", "0x028", "Apple Icestorm (M1 Max)"},
                                 {"0x61", "0x029", "Apple Firestorm (M1 Max)"},
                                 {"0x61", "0x032", "Apple Blizzard (M2)"},
                                 {"0x61", "0x033", "Apple Avalanche (M2)"},
                                 {"0xc0", "0xac3", "Ampere-1"},
                                 {"0xc0", "0xac4", "Ampere-1A"}};

std::string arm_core(std::string_view implementer, std::string_view part) {
  for (const ArmCore& core : kArmCores)
    if (core.implementer == implementer && core.part == part) return std::string(core.name);
  return fmt::format("ARM core {} of implementer {}", part, implementer);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

}  // namespace

std::string processor_name(const std::filesystem::path& root) {
  std::ifstream lines(root / "proc/cpuinfo");
  std::string implementer;
  std::vector<std::string> cores;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view key = trimmed(std::string_view(line).substr(0, colon));
    const std::string_view value = trimmed(std::string_view(line).substr(std::min(colon + 1, line.size())));
    if (key == "model name" && !value.empty()) return std::string(value);
    if (key == "CPU implementer") implementer = value;
    if (key != "CPU part") continue;
    const std::string core = arm_core(implementer, value);
    if (std::ranges::find(cores, core) == cores.end()) cores.push_back(core);
  }
  return cores.empty() ? "unknown processor" : fmt::format("{}", fmt::join(cores, ", "));
}

}  // namespace alexnet
