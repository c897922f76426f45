// Whether an imported model computes what its source program computes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "alexnet/model.h"

namespace alexnet::cli {

/// Differences of the network's outputs on a fixed input.
struct Comparison {
  std::string program;       // compared with: "PyTorch 2.9.0", "this program's reference engine"
  bool with_source = false;  // the program that the file comes from
  std::string reason;        // why not with that; empty where it was
  std::string layer;         // whose outputs are compared
  std::int64_t images = 0, same_top1 = 0;  // images of random numbers; those with the same largest output
  double largest_difference = 0, mean_difference = 0, largest_output = 0;

  static constexpr double kBound = 1e-5;  // of the largest output: float32 sums of thousands of products
  double bound() const { return kBound * largest_output; }
  bool equal() const { return largest_difference <= bound(); }
};

/// Compares the fast engine with the program that `file` comes from, or with the reference engine where that
/// program is not installed or cannot read the file.
Comparison compare_with_source(const Model& model, const std::filesystem::path& file, const Origin& origin);

}  // namespace alexnet::cli
