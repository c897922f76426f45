// Studies as TOML or JSON files.
#include <algorithm>
#include <array>
#include <string_view>

#include "alexnet/error.h"
#include "alexnet/studies.h"
#include "fmt/format.h"
#include "train/settings/file_settings.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;

void check_keys(const Json& table, std::initializer_list<std::string_view> known, const std::string& where) {
  for (const auto& [key, value] : table.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw DataError(where, fmt::format("'{}' is not a known key", key),
                      fmt::format("expected one of: {}; training settings belong in [settings]",
                                  fmt::join(known.begin(), known.end(), ", ")));
}

std::string text(const Json& table, const char* key, const std::string& where, bool needed) {
  if (!table.contains(key)) {
    if (needed) throw DataError(where, fmt::format("'{}' is missing", key), "give it some text");
    return {};
  }
  if (!table[key].is_string() || (needed && table[key].get<std::string>().empty()))
    throw DataError(where, fmt::format("'{}' is not text", key), "put it in quotes");
  return table[key].get<std::string>();
}

std::vector<std::uint64_t> seeds_of(const Json& file, const std::string& where) {
  const auto wrong = [&](const char* what) {
    return DataError(where, fmt::format("'seeds' {}", what),
                     "give a list of whole numbers: seeds = [0, 1, 2]");
  };
  if (!file.contains("seeds")) throw wrong("is missing");
  if (!file["seeds"].is_array() || file["seeds"].empty()) throw wrong("is not a list");
  std::vector<std::uint64_t> seeds;
  for (const Json& seed : file["seeds"]) {
    if (!seed.is_number_integer() || seed.get<std::int64_t>() < 0)
      throw wrong("contains something other than whole numbers");
    if (std::find(seeds.begin(), seeds.end(), seed.get<std::uint64_t>()) != seeds.end())
      throw wrong("contains a seed twice");
    seeds.push_back(seed.get<std::uint64_t>());
  }
  return seeds;
}

/// "top1", or "epochs" together with train-error.
void read_measure(const Json& file, const std::string& where, Study& study) {
  const std::string measure = file.contains("measure") ? text(file, "measure", where, true) : "top1";
  if (measure != "top1" && measure != "epochs")
    throw DataError(where, fmt::format("measure: '{}' is not valid", measure),
                    "expected top1 or epochs (epochs until the training error falls to train-error)");
  study.measure = measure == "epochs" ? StudyMeasure::kEpochs : StudyMeasure::kTop1;
  if (!file.contains("train-error")) return;
  if (measure != "epochs")
    throw DataError(where, "'train-error' has no effect without measure = \"epochs\"", "leave it out");
  const Json& error = file["train-error"];
  if (!error.is_number() || !(error.get<double>() > 0) || !(error.get<double>() < 1))
    throw DataError(where, "'train-error' is not a valid fraction", "give a number between 0 and 1");
  study.train_error = error.get<double>();
}

void apply(TrainConfig& config, const Json& table, const std::string& where) {
  if (!table.contains("settings")) return;
  const Json& settings = table["settings"];
  if (!settings.is_object())
    throw DataError(where, "'settings' is not a table", "write settings = { lr = 0.02 }");
  for (const char* ours : {"seed", "out"})
    if (settings.contains(ours))
      throw DataError(where, fmt::format("'{}' cannot be set for a single run of a study", ours),
                      "the study gives every run its seed (seeds = [...], --seeds) and its folder (--out)");
  apply_settings(config, settings, where);
}

/// What is wrong with overrides was typed, and does not stand in a file.
void override_settings(TrainConfig& config, const Json& settings) {
  try {
    apply(config, {{"settings", settings}}, "--set");
  } catch (const DataError& error) {
    throw UsageError(error.where(), error.problem(), error.fix());
  }
}

Study study_of(const Json& file, const std::string& where,
               const std::vector<std::pair<std::string, std::string>>& overrides) {
  check_keys(file, {"title", "about", "measure", "train-error", "seeds", "settings", "base", "variant"},
             where);
  Study study;
  study.title = text(file, "title", where, true);
  study.about = text(file, "about", where, false);
  study.seeds = seeds_of(file, where);
  read_measure(file, where, study);
  TrainConfig common;
  apply(common, file, where);

  if (!file.contains("base") || !file["base"].is_object())
    throw DataError(where, "there is no [base]",
                    "name what the variants are compared with: [base] name = \"...\"");
  if (!file.contains("variant") || !file["variant"].is_array() || file["variant"].empty())
    throw DataError(where, "there is no [[variant]]", "give at least one, with its name and settings");
  Json overriding = Json::object();
  for (const auto& [name, value] : overrides) overriding[name] = value;
  std::vector<Json> tables = {file["base"]};
  for (const Json& variant : file["variant"]) tables.push_back(variant);
  for (const Json& table : tables) {
    const std::string kind = study.variants.empty() ? "[base]" : "[[variant]]";
    if (!table.is_object()) throw DataError(where, fmt::format("{} is not a table", kind));
    StudyVariant variant{
        .name = text(table, "name", fmt::format("{}: {}", where, kind), true), .asks = {}, .config = common};
    const std::string here = fmt::format("{}: {} '{}'", where, kind, variant.name);
    check_keys(table, {"name", "asks", "settings"}, here);
    variant.asks = text(table, "asks", here, false);
    apply(variant.config, table, here);
    override_settings(variant.config, overriding);
    study.variants.push_back(std::move(variant));
  }
  return study;
}

}  // namespace

Study load_study(const Bytes& file, const std::vector<std::pair<std::string, std::string>>& overrides) {
  return study_of(read_settings(file), file.name, overrides);
}

Study load_study(const std::filesystem::path& path,
                 const std::vector<std::pair<std::string, std::string>>& overrides) {
  return study_of(read_settings(path), path.string(), overrides);
}

}  // namespace alexnet
