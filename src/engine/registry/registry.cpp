#include "engine/registry/registry.h"

#include <algorithm>
#include <array>
#include <string>

#include "alexnet/engines.h"
#include "alexnet/error.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/reference/reference_engine.h"

namespace alexnet {

std::span<const Engine* const> engines() {
  static const std::array all{
      &cpu_engine(),
      &reference_engine(),
  };
  return all;
}

namespace {

/// "a, b or c"
std::string choices(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return text;
}

}  // namespace

const Engine& find_engine(std::string_view name) {
  const auto found = std::ranges::find(engines(), name, [](const Engine* engine) { return engine->name(); });
  if (found == engines().end())
    throw UsageError("engine",
                     "'" + std::string(name) + "' is not valid: expected " + choices(engine_names()));
  if (const std::string why = (*found)->why_unavailable(); !why.empty())
    throw DeviceError("engine " + std::string(name), "cannot run here: " + why, "use another engine");
  return **found;
}

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const Engine* engine : engines()) names.emplace_back(engine->name());
  return names;
}

}  // namespace alexnet
