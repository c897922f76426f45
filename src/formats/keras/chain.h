// The layers of a model's configuration in the order in which they compute.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace alexnet::keras {

struct ChainLayer {
  const nlohmann::json* entry = nullptr;  ///< {"class_name": ..., "config": {...}, ...}
  /// Name of the group of its weights in files of Keras 3, which count the layers of each class: "conv2d_1"
  /// of the second convolution, whatever its name is. Empty for classes that have no weights here.
  std::string group;
};

struct Chain {
  std::string name;
  std::vector<ChainLayer> layers;         ///< without that of the input; views into the configuration
  const nlohmann::json* input = nullptr;  ///< shape of a batch: [null, height, width, channels]
};

/// Reads a Sequential model, or a Functional one that is a chain. `model` must outlive the result. DataError
/// naming `where` for any other.
Chain read_chain(const nlohmann::json& model, const std::string& where);

}  // namespace alexnet::keras
