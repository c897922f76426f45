// Programs that models come from, where they are installed: what they compute from the same input.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "alexnet/model.h"

namespace alexnet::cli {

/// Outputs of a source program, or the reason why there are none.
struct SourceOutputs {
  std::optional<Tensor> outputs;  // [n, classes]
  std::string program;            // its name and version
  std::string reason;             // empty where there are outputs
};

/// Runs the Python script that computes the logits of a file's network with the program that made the file,
/// with the interpreter python3 (or that of the environment variable ALEXNET_PYTHON). `input` is [n,
/// channels, height, width].
SourceOutputs run_source_program(const std::filesystem::path& file, const Origin& origin,
                                 const Tensor& input);

}  // namespace alexnet::cli
