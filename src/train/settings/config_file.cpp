// Settings as TOML or JSON files, and as the run folder's config.json.
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "fmt/format.h"
#include "model/json_object.h"
#include "train/settings/file_settings.h"
#include "train/settings/toml_keys.h"

namespace alexnet {
namespace {

using namespace std::string_view_literals;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestFile = 1 << 20;

/// Levenshtein's distance.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

/// Settings of runs that older versions made.
constexpr std::array kRenamed = {std::pair{"least-area"sv, "min-area"sv}};

const Setting& find_setting(std::string key, const std::string& file) {
  const std::string given = key;
  std::replace(key.begin(), key.end(), '_', '-');
  if (const auto old = std::ranges::find(kRenamed, key, [](const auto& pair) { return pair.first; });
      old != kRenamed.end())
    key = old->second;
  const auto settings = file_settings();
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.name == key; });
  if (found != settings.end()) return *found;
  const auto nearest = std::min_element(
      settings.begin(), settings.end(),
      [&](const Setting& a, const Setting& b) { return edits(a.name, key) < edits(b.name, key); });
  const bool close = edits(nearest->name, key) <= std::max<std::size_t>(1, key.size() / 3);
  throw DataError(file, fmt::format("'{}' is not a setting", given),
                  close ? fmt::format("did you mean '{}'?", nearest->name)
                        : "the settings are the flags of alexnet train without their dashes");
}

std::string as_text(const Json& value, const std::string& file, const std::string& key) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  if (value.is_number()) return value.dump();
  if (!value.is_array())
    throw DataError(file, fmt::format("'{}' is neither text, a number, true or false, nor a list", key),
                    "settings belong at the top of the file, not in sections");
  std::string list;
  for (const Json& item : value) {
    if (item.is_structured() || item.is_null())
      throw DataError(file, fmt::format("'{}' contains something that is not a value", key),
                      "list plain values");
    list += (list.empty() ? "" : ",") + as_text(item, file, key);
  }
  return list;
}

Json read_toml(const std::string& text, const std::string& file) {
  require_flat_keys(text, file);
  try {
    const toml::table table = toml::parse(text, file);
    std::ostringstream json;
    json << toml::json_formatter{table};
    return Json::parse(json.str());
  } catch (const toml::parse_error& error) {
    throw DataError(file,
                    fmt::format("line {} is not TOML: {}", error.source().begin.line, error.description()));
  }
}

Json read_json(const std::string& text, const std::string& file) {
  require_unique_keys(text, file);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw DataError(file, fmt::format("is not JSON (byte {})", error.byte));
  } catch (const Json::out_of_range&) {
    throw DataError(file, "holds a number out of range");
  }
}

/// By a file's ending: TOML, or else JSON. DataError for other endings.
bool is_toml(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending != ".toml" && ending != ".json")
    throw DataError(path.string(), "is neither .toml nor .json", "settings files end in one of them");
  return ending == ".toml";
}

/// The value of a setting with the type its form tells.
Json typed(const Setting& setting, const TrainConfig& config) {
  const std::string text = setting.get(config);
  if (setting.value == "N" || setting.value == "X") return Json::parse(text);
  if (setting.value == "X[,X...]") return Json::parse("[" + text + "]");
  if (setting.value == "on|off" || setting.value.empty()) return text == "on";
  return text;
}

}  // namespace

Json read_settings(const Bytes& bytes) {
  const std::string& file = bytes.name;
  const bool toml = is_toml(file);
  const std::string text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  Json content = toml ? read_toml(text, file) : read_json(text, file);
  if (!content.is_object()) throw DataError(file, "is not an object of settings");
  return content;
}

Json read_settings(const std::filesystem::path& path) {
  is_toml(path);  // what has another ending need not be read
  return read_settings(Bytes::own(path.string(), read_file(path, kLargestFile)));
}

void apply_settings(TrainConfig& config, const Json& settings, const std::string& where) {
  TrainConfig changed = config;
  for (const auto& [key, value] : settings.items()) {
    const Setting& setting = find_setting(key, where);
    const std::string given = as_text(value, where, key);
    try {
      setting.set(changed, given);
    } catch (const UsageError& error) {
      throw DataError(where, fmt::format("{}: {}", key, error.problem()), error.fix());
    }
  }
  config = std::move(changed);
}

void apply_config_file(TrainConfig& config, const Bytes& file) {
  apply_settings(config, read_settings(file), file.name);
}

void apply_config_file(TrainConfig& config, const std::filesystem::path& path) {
  apply_settings(config, read_settings(path), path.string());
}

std::string to_json(const TrainConfig& config) {
  Json json;
  for (const Setting& setting : file_settings()) json[std::string(setting.name)] = typed(setting, config);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace alexnet
