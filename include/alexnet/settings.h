// Training settings as a table: each declared once, for flags, TOML/JSON files, config.json and help alike.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "alexnet/bytes.h"
#include "alexnet/export.h"
#include "alexnet/train.h"

namespace alexnet {

/// One setting of TrainConfig, by its flag name without dashes ("val-split").
struct Setting {
  std::string_view name;   ///< without dashes, such as val-split
  std::string_view help;   ///< one line that says what the setting does
  std::string_view value;  ///< what the value looks like: "N", "X", "DIR", "none|article"
  std::string_view group;  ///< "Data", "Augmentation", "Network", "Optimisation", "Limits", "Running"
  /// Sets the field from text; UsageError naming the setting and what it takes.
  void (*set)(TrainConfig&, const std::string& text);
  /// The field as text (what `set` takes).
  std::string (*get)(const TrainConfig&);
  /// A run that is resumed may have another value: it is where something is, a limit, or how the run is
  /// computed and stored. Others decide what the run learned so far.
  bool resumable = false;
};

/// All settings in the order of the help, without `data`, which is an argument on the command line.
ALEXNET_API std::span<const Setting> train_settings();

/// Applies a TOML or JSON file (by the ending of its name) on top of `config`. DataError naming the file, and
/// the key when it is unknown or its value does not fit.
ALEXNET_API void apply_config_file(TrainConfig& config, const Bytes& file);
/// The same for a file.
ALEXNET_API void apply_config_file(TrainConfig& config, const std::filesystem::path& path);

/// Sets what belongs to a recipe, and nothing else. "paper": Krizhevsky 2012, section 5 - batches of 128,
/// learning rate 0.01 divided by 10 when the validation loss no longer falls, momentum 0.9 with a weight
/// decay of 0.0005 in it, crops, mirror images and changes of colour, 90 epochs, the preset `paper`; biases
/// at twice the rate, as its program did. UsageError for other names.
ALEXNET_API void apply_recipe(TrainConfig& config, const std::string& name);

/// Checks the settings against each other. UsageError.
ALEXNET_API void validate(const TrainConfig& config);

/// All settings as JSON, as config.json holds them.
ALEXNET_API std::string to_json(const TrainConfig& config);

}  // namespace alexnet
