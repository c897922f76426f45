// What this program runs on, for people who compare or repeat a run.
#pragma once

#include <cstddef>
#include <string>

namespace alexnet {

struct Machine {
  std::string program;     // "alexnet 1.0.0"
  std::string processor;   // processor_name()
  int processors = 0;      // that this process may use
  std::size_t memory = 0;  // bytes
  std::string system;      // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"
};

Machine this_machine();

}  // namespace alexnet
