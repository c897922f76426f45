// Flags and arguments that commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "alexnet/model.h"

namespace alexnet::cli {

/// --json.
void add_json(CLI::App* command, bool& json, const std::string& help);

/// A flag that takes a whole number from `min` to `max`. Its help shows the default, if that is in range.
CLI::Option* add_count(CLI::App* command, const std::string& flag, int& value, int min, int max,
                       const std::string& help);

inline constexpr int kMaxBatch = 65536;

/// --threads, 0: all processors that may be used.
void add_threads(CLI::App* command, int& threads, const std::string& what = "compute threads");

/// --threads and --engine of the commands that compute.
struct Computing {
  int threads = 0;  // 0: all processors that may be used
  std::string engine = "cpu";
  std::string precision = "f32";
  void add_to(CLI::App* command);
  /// --precision, of the commands that use a model.
  void add_precision_to(CLI::App* command);
  /// To be called before anything is computed.
  void apply() const;
};

/// --preset, with its default.
void add_preset(CLI::App* command, std::string& preset);

/// The positional MODEL: a model file, or the folder of a training run.
void add_model(CLI::App* command, std::string& model);

}  // namespace alexnet::cli
