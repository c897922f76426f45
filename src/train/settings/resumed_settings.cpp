#include "train/settings/resumed_settings.h"

#include <algorithm>

#include "alexnet/error.h"
#include "fmt/format.h"
#include "train/settings/file_settings.h"

namespace alexnet {
namespace {

const Setting& setting_of(const std::string& name) {
  const auto settings = file_settings();
  const auto found = std::ranges::find(settings, name, &Setting::name);
  if (found == settings.end())
    throw UsageError("--" + name, "is not a setting", "alexnet train --help lists the settings");
  return *found;
}

std::string shown(const std::string& value) { return value.empty() ? "nothing" : value; }

}  // namespace

void apply_changes(TrainConfig& config, std::span<const SettingChange> changes,
                   const std::filesystem::path& run) {
  for (const auto& [name, value] : changes) {
    const Setting& setting = setting_of(name);
    const std::string before = setting.get(config);
    setting.set(config, value);
    const std::string after = setting.get(config);
    if (setting.resumable || before == after) continue;
    throw UsageError("--" + name,
                     fmt::format("cannot change when a run is resumed: this run has {}, not {}",
                                 shown(before), shown(after)),
                     "leave it out, or start a new run with --init " + run.string());
  }
}

void check_resumable(const TrainConfig& config, const TrainConfig& started, const std::string& file) {
  for (const Setting& setting : file_settings()) {
    const std::string now = setting.get(config), then = setting.get(started);
    if (setting.resumable || now == then) continue;
    throw DataError(file,
                    fmt::format("{} is {}, but this run was started with {}, and it cannot change",
                                setting.name, shown(now), shown(then)),
                    fmt::format("set it to {} again", shown(then)));
  }
}

}  // namespace alexnet
