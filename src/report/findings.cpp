#include "report/findings.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "fmt/format.h"
#include "train/plan/run_identity.h"
#include "train/run/held_out.h"
#include "train/run/metrics_file.h"
#include "train/run/quarantine.h"
#include "train/run/run_files.h"
#include "train/step/checkpoint.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kEveryEpoch = 1'000'000'000;

fs::path model_of(const fs::path& run) {
  if (auto model = trained_model(run)) return *std::move(model);
  throw DataError(run.string(), "has no model yet", "wait for the end of its first epoch");
}

std::vector<std::pair<std::string, std::string>> read_environment(const fs::path& file) {
  std::vector<std::pair<std::string, std::string>> environment;
  if (!fs::exists(file)) return environment;
  const Json json = Json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) return environment;
  for (const auto& [key, value] : json.items())
    environment.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  return environment;
}

std::vector<std::int64_t> counts_of(const ImageSource* source, std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (std::size_t i = 0; source != nullptr && i < source->size(); ++i)
    ++counts[static_cast<std::size_t>(source->label(i))];
  return counts;
}

Tested test(const Model& model, std::shared_ptr<const ImageSource> source, std::size_t max,
            const std::string& what, const ReportOptions& options) {
  const auto images = std::make_shared<const StudiedSource>(std::move(source), max);
  EvaluateOptions how;
  how.batch = options.batch;
  how.engine = options.engine;
  how.workers = options.workers;
  if (options.progress)
    how.progress = [&](std::int64_t done, std::int64_t total) { options.progress(what, done, total); };
  return {images, evaluate(model, images, how)};
}

/// The looks of the images that could be read, and which images those are.
std::pair<std::vector<Look>, std::vector<std::size_t>> looks_of(const StudiedSource& images) {
  std::pair<std::vector<Look>, std::vector<std::size_t>> result;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (const auto& look = images.look(i)) {
      result.first.push_back(*look);
      result.second.push_back(i);
    }
  return result;
}

std::vector<NearDuplicate> shared_images(const StudiedSource& validation, const StudiedSource& training) {
  const auto [first, first_index] = looks_of(validation);
  const auto [second, second_index] = looks_of(training);
  std::vector<NearDuplicate> pairs = near_duplicates(first, second);
  for (NearDuplicate& pair : pairs) {
    pair.first = first_index[pair.first];
    pair.second = second_index[pair.second];
  }
  return pairs;
}

std::vector<LeftOut> left_out(const Findings& findings) {
  std::vector<LeftOut> all;
  std::set<std::pair<std::string, std::string>> seen;
  const auto add = [&](const std::string& set, const std::string& file, const std::string& reason) {
    if (seen.emplace(set, file).second) all.push_back({set, file, reason});
  };
  for (const auto& [set, image] : read_quarantine(RunFiles(findings.run).quarantine()))
    add(set, image.name, image.reason);
  for (const auto& [set, tested] :
       {std::pair("validation", &findings.validation), std::pair("train", &findings.training)})
    if (*tested)
      for (const auto& [file, reason] : (*tested)->evaluation.unreadable) add(set, file, reason);
  return all;
}

/// Where the images are, or the person says they are now.
std::string place_of(const std::string& then, const fs::path& now, const char* flag) {
  std::error_code error;
  if (!now.empty()) return now.string();
  if (!then.empty() && !fs::exists(then, error))
    throw DataError(then, "does not exist",
                    fmt::format("name the place that the images of this run were moved to with {}", flag));
  return then;
}

/// Images at another place are those of the run where some that it held out are among them, or else where all
/// are the same.
void check_moved(Findings& findings, const Dataset& data, const std::string& place) {
  const HeldOut& held_out = findings.held_out;
  if (held_out.count > 0) {
    if (held_out.count > held_out.missing + held_out.changed + held_out.unreadable) return;
    throw DataError(
        place,
        fmt::format("has none of the {} images that {} held out", held_out.count, findings.run.string()),
        "name the place that the images of this run were moved to");
  }
  const fs::path checkpoint = RunFiles(findings.run).checkpoint();
  if (!fs::exists(checkpoint)) {
    findings.moved_unchecked = true;
    return;
  }
  const std::string other =
      difference(load_checkpoint(checkpoint).identity, identity_of(data, findings.model.preprocessing));
  if (!other.empty())
    throw DataError(place,
                    fmt::format("is not the data that {} was trained on ({})", findings.run.string(), other),
                    "name the place that the images of this run were moved to");
}

/// The data of the run, divided as it was in training.
Dataset open_data(Findings& findings, const ReportOptions& how) {
  const TrainConfig& config = findings.config;
  const std::string place = place_of(config.data, how.data, "--data");
  DatasetOptions options{.validation = place_of(config.validation, how.validation, "--val"),
                         .validation_split = config.validation_split,
                         .per_class = static_cast<std::size_t>(config.per_class),
                         .seed = config.seed,
                         .classes = findings.model.classes,
                         .remains = true};
  HeldOut& held_out = findings.held_out;
  const auto record = read_held_out(RunFiles(findings.run).held_out());
  held_out.recorded = record.has_value();
  if (record) {
    held_out.count = held_out.missing = record->size();
    held_out.copies = static_cast<std::size_t>(
        std::ranges::count_if(*record, [](const HeldOutImage& image) { return !image.copy_of.empty(); }));
    options.held_out = [&](const ImageSource& source) {
      ContentReader reader([&](std::int64_t done, std::int64_t total) {
        if (how.progress)
          how.progress(fmt::format("{}: held-out images", findings.run.filename().string()), done, total);
      });
      HeldOutSearch search = find_held_out(*record, source, reader);
      held_out.missing = search.missing;
      held_out.changed = search.changed;
      held_out.unreadable = search.unreadable;
      return std::move(search.found);
    };
  }
  Dataset data = open_dataset(place, options);
  if (!how.data.empty() || !how.validation.empty()) check_moved(findings, data, place);
  findings.data_changes = data.changes;
  return data;
}

}  // namespace

Findings find_out(const fs::path& run, const ReportOptions& options) {
  const RunFiles files(run);
  if (!fs::exists(files.config()))
    throw DataError(run.string(), "does not contain a run (there is no config.json)",
                    "name the folder of a run");
  Findings findings;
  findings.run = run;
  apply_config_file(findings.config, files.config());
  findings.epochs = read_metrics(files.metrics(), kEveryEpoch);
  findings.environment = read_environment(files.environment());
  findings.model = load_model(model_of(run));

  const Dataset data = open_data(findings, options);
  const std::size_t classes = findings.model.classes.size();
  findings.training_counts = counts_of(data.train.get(), classes);
  findings.validation_counts = counts_of(data.validation.get(), classes);
  const std::string name = run.filename().string();
  if (data.validation)
    findings.validation = test(findings.model, data.validation, data.validation->size(),
                               fmt::format("{}: validation", name), options);
  if (options.train_images > 0 && data.train->size() > 0)
    findings.training = test(findings.model, data.train, static_cast<std::size_t>(options.train_images),
                             fmt::format("{}: training set", name), options);
  if (findings.validation && findings.training)
    findings.duplicates = shared_images(*findings.validation->images, *findings.training->images);
  findings.left_out = left_out(findings);
  return findings;
}

}  // namespace alexnet
