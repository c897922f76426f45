// Stands in for event files in a program that was built without protozero: nothing is written.
#include "tensorboard/event_file.h"

#include <mutex>

#include "alexnet/log.h"

namespace alexnet {

EventFile::EventFile(const std::filesystem::path&) {
  static std::once_flag told;
  std::call_once(told, [] {
    log_info(
        "event files are not written: this program was built without them (ALEXNET_WITH_TENSORBOARD=OFF)");
  });
}

void EventFile::restart(std::int64_t) {}
void EventFile::write(std::int64_t, const std::vector<EventValue>&) {}
void EventFile::write_graph(const std::vector<GraphNode>&) {}
void EventFile::write_hyperparameters(const HyperParameters&,
                                      const std::vector<std::pair<std::string, std::string>>&) {}
void EventFile::write_end() {}

}  // namespace alexnet
