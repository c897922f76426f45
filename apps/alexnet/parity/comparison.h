// Whether a model computes what the program computes that its file comes from, or is for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/model.h"

namespace alexnet::cli {

/// How outputs of one layer differ.
struct Difference {
  std::string layer;
  double largest = 0, mean = 0;
  double largest_output = 0;  // of the other program

  static constexpr double kBound = 1e-5;  // of the largest output: float32 sums of thousands of products
  double bound() const { return kBound * largest_output; }
  bool equal() const { return largest <= bound(); }
};

/// Inputs that both programs computed.
struct ComparedInputs {
  std::string what;                       // "random numbers", or the file or folder of images
  std::int64_t count = 0, same_top1 = 0;  // images; those with the same largest output
  Difference outputs;                     // of the last layer that is compared
  std::vector<Difference> layers;         // all that are compared, in the order of the network
};

struct Comparison {
  std::string program;                   // compared with: "PyTorch 2.9.0", "this program's reference engine"
  bool with_source = false;              // the program that the file comes from, or is for
  std::string reason;                    // why not with that; empty where it was
  ComparedInputs numbers;                // the same in each run
  std::optional<ComparedInputs> images;  // prepared as the model says; none: not asked for

  bool equal() const { return numbers.outputs.equal() && (!images || images->outputs.equal()); }
};

/// Images that are compared at most: with a source program, which computes all at once, and with the
/// reference engine, which takes seconds for each.
inline constexpr std::size_t kMaxComparedImages = 1000, kMaxReferenceImages = 8;

/// Compares the fast engine with the program that `file` comes from, or with the reference engine where that
/// program is not installed or cannot read the file. `network` is the file with the network of the weights;
/// empty: there is none, or the usual one beside them. `images` is a file or a folder of images, of which the
/// first ones are compared, by their logits alone; empty: none. DataError naming an image that cannot be
/// read, or a folder without images.
Comparison compare_with_source(const Model& model, const std::filesystem::path& file,
                               const std::filesystem::path& network, const Origin& origin,
                               const std::filesystem::path& images);

}  // namespace alexnet::cli
