#include "formats/shown.h"

namespace alexnet {

std::string shown(std::string_view name) {
  constexpr std::size_t kShown = 60;
  if (name.empty()) return "unnamed";
  return std::string(name.substr(0, kShown)) + (name.size() > kShown ? "..." : "");
}

}  // namespace alexnet
