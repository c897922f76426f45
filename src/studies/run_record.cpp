#include "studies/run_record.h"

#include <array>
#include <nlohmann/json.hpp>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "base/run_file_names.h"
#include "fmt/format.h"
#include "train/settings/file_settings.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;
using State = StudyRun::State;

constexpr std::array<const char*, 3> kStates = {"started", "done", "diverged"};  // by State

std::filesystem::path record_file(const std::filesystem::path& folder) { return folder / kStudyRecord; }

DataError no_record(const std::filesystem::path& file) {
  return {file.string(), "is not a record of a study's run",
          "remove the run's folder; the study then repeats the run"};
}

}  // namespace

std::optional<RunRecord> read_record(const std::filesystem::path& folder) {
  const std::filesystem::path file = record_file(folder);
  if (!std::filesystem::exists(file)) return std::nullopt;
  try {
    const Json json = Json::parse(read_file(file));
    if (!json.at("settings").is_object()) throw no_record(file);
    RunRecord record{.state = State::kWaiting,
                     .problem = json.at("problem").get<std::string>(),
                     .settings = json.at("settings").dump()};
    const auto text = json.at("state").get<std::string>();
    for (std::size_t i = 0; i < kStates.size(); ++i)
      if (text == kStates[i]) record.state = static_cast<State>(i);
    return record;
  } catch (const Json::exception&) {
    throw no_record(file);
  }
}

void write_record(const std::filesystem::path& folder, const RunRecord& record) {
  make_folder(folder);
  const Json json = {{"state", kStates[static_cast<std::size_t>(record.state)]},
                     {"problem", record.problem},
                     {"settings", Json::parse(record.settings)}};
  write_file(record_file(folder), json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string other_setting(const std::string& then, const std::string& now) {
  const Json before = Json::parse(then), after = Json::parse(now);
  for (const Setting& setting : file_settings()) {
    const std::string name(setting.name);
    if (setting.group == "Running" || name == "workers" || name == "cache") continue;
    // A setting that came later stood at its default.
    const Json was = before.value(name, Json::parse(to_json(TrainConfig{})).at(name));
    if (was != after.at(name))
      return fmt::format("{} is {}, but that run was trained with {}", name, after.at(name).dump(),
                         was.dump());
  }
  return {};
}

}  // namespace alexnet
