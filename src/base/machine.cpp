#include "base/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "base/parallel.h"
#include "base/processor_name.h"

namespace alexnet {
namespace {

/// What follows '=' in the first line of a file that starts with `key`; empty where there is none.
std::string value_in(const char* file, const std::string& key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    std::string value = line.substr(line.find('=') + 1);
    value.erase(0, value.find_first_not_of(" \t\""));
    value.erase(value.find_last_not_of(" \t\"") + 1);
    return value;
  }
  return {};
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.program = "alexnet " ALEXNET_VERSION;
  machine.processor = processor_name();
  machine.processors = processor_count();
  machine.memory =
      static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  machine.system = value_in("/etc/os-release", "PRETTY_NAME");
  utsname name{};
  if (::uname(&name) == 0)
    machine.system +=
        (machine.system.empty() ? "" : ", ") + std::string(name.sysname) + " " + std::string(name.release);
  return machine;
}

}  // namespace alexnet
