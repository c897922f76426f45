#include <algorithm>
#include <system_error>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "alexnet/train.h"
#include "train/run/held_out.h"
#include "train/run/run_files.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// The folder of the run that a model is of; empty where it is of none.
fs::path run_of(const fs::path& model) {
  std::error_code error;
  const fs::path run = fs::is_directory(model, error) ? model : model.parent_path();
  const RunFiles files(run);
  // Models of other programs have a config.json beside them, too.
  const bool is_run = fs::exists(files.config(), error) &&
                      (fs::exists(files.environment(), error) || fs::exists(files.metrics(), error));
  return is_run ? run : fs::path();
}

/// Whether a path is another one or lies inside it, links followed.
bool is_within(const fs::path& path, const std::string& other) {
  std::error_code error;
  if (other.empty()) return false;
  const fs::path inner = fs::canonical(path, error), outer = fs::canonical(other, error);
  if (error || inner.empty() || outer.empty()) return false;
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

}  // namespace

std::optional<TrainingOverlap> training_overlap(const fs::path& model, const fs::path& data,
                                                const ImageSource& source,
                                                const ContentReader::Progress& progress) {
  const RunFiles files(run_of(model));
  if (files.path().empty()) return std::nullopt;
  TrainConfig config;
  try {
    apply_config_file(config, files.config());
  } catch (const DataError& error) {
    return TrainingOverlap{.run = files.path(), .problem = error.what()};
  }
  const bool same_place = is_within(data, config.data) || is_within(data, config.validation);
  const auto record = read_held_out(files.held_out());
  ContentReader reader(progress);
  const std::size_t held_out = record ? find_held_out(*record, source, reader).found.size() : 0;
  // The images may have been copied, moved or packed since: then some of those that were held out are here.
  if (!same_place && held_out == 0) return std::nullopt;
  return TrainingOverlap{.run = files.path(),
                         .recorded = record.has_value(),
                         .images = record ? static_cast<std::int64_t>(source.size() - held_out) : 0};
}

}  // namespace alexnet
