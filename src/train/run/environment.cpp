#include "train/run/environment.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "base/machine.h"
#include "fmt/chrono.h"
#include "fmt/format.h"

namespace alexnet {

std::string environment_json() {
  const Machine machine = this_machine();
  constexpr double kGigabyte = 1e9;
  return nlohmann::ordered_json{
             {"program", machine.program},
             {"processor", machine.processor},
             {"processors", machine.processors},
             {"memory", fmt::format("{:.1f} GB", static_cast<double>(machine.memory) / kGigabyte)},
             {"system", machine.system},
             {"started", fmt::format("{:%Y-%m-%dT%H:%M:%S%z}", fmt::localtime(std::time(nullptr)))}}
             .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace alexnet
