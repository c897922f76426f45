// Event files: what TensorBoard shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tensorboard/histogram.h"
#include "tensorboard/record_file.h"

namespace alexnet {

/// A PNG or JPEG file.
struct EventImage {
  int width = 0, height = 0, channels = 0;
  std::string file;
};

/// Markdown.
struct EventText {
  std::string markdown;
};

/// A value of a run under its name; names are grouped by what stands before the first slash.
struct EventValue {
  std::string tag;
  std::variant<double, Histogram, EventImage, EventText> value;
};

/// A node of a graph. Slashes in names make groups that open and close.
struct GraphNode {
  std::string name, operation;
  std::vector<std::string> inputs;  // names of nodes
  std::vector<std::int64_t> shape;  // of its output; -1 for the batch
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// What a run was made with: shown in a table, a row per run, beside the metrics named as its result.
using HyperParameters = std::vector<std::pair<std::string, std::variant<double, std::string>>>;

/// False in a program that was built without event files: what is written to an EventFile goes nowhere there.
bool event_files_available();

/// Appends to a new file of a folder, which TensorBoard reads as one run with whatever files are there
/// already. Everything is on its way to the disk when a call returns; DataError when it cannot be written.
class EventFile {
 public:
  /// Creates the folder where needed, and in it events.out.tfevents.<seconds since 1970>.<number>.
  explicit EventFile(const std::filesystem::path& folder);

  /// Files before this one may hold events from `step` on: they are not to be shown, those that follow are.
  void restart(std::int64_t step);
  void write(std::int64_t step, const std::vector<EventValue>& values);
  void write_graph(const std::vector<GraphNode>& nodes);
  /// `results`: tags of values written to this folder, and the names they are to have in the table.
  void write_hyperparameters(const HyperParameters& parameters,
                             const std::vector<std::pair<std::string, std::string>>& results);
  /// The run came to its end.
  void write_end();

 private:
  std::optional<RecordFile> file_;  // none in a program that was built without event files
};

}  // namespace alexnet
