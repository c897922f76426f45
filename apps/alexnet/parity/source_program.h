// Programs that models come from, where they are installed: what they compute from the same input.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "alexnet/model.h"

namespace alexnet::cli {

/// Outputs of a source program, or the reason why there are none.
struct SourceOutputs {
  std::map<std::string, Tensor> layers;  // by our layer: [n, channels, height, width], or [n, units]
  std::string program;                   // its name and version
  std::string reason;                    // empty where there are outputs
};

/// Runs the Python script that computes the outputs of a network's layers (Origin::layers) with the program
/// that the file is for, with the interpreter python3 (or that of the environment variable ALEXNET_PYTHON).
/// `input` is [n, channels, height, width]; `network` as in compare_with_source().
SourceOutputs run_source_program(const std::filesystem::path& file, const std::filesystem::path& network,
                                 const Origin& origin, const Tensor& input);

}  // namespace alexnet::cli
