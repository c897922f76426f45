// A network as the configuration of a model of Keras 3.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "alexnet/network.h"

namespace alexnet::keras {

/// Key in metadata.json under which this program describes its own model.
inline constexpr const char* kMetadataKey = "alexnet";

/// A tensor of the network as an array of the file.
struct WrittenArray {
  std::string path;              ///< in the file of weights: "layers/conv2d_1/vars/0"
  Shape shape;                   ///< there
  std::string parameter;         ///< name in parameters(spec)
  Shape view;                    ///< of the parameter, where one axis is divided
  std::vector<int> permutation;  ///< axes of the array in `view`; empty: as they are
};

/// A Sequential model. DataError naming `where` and the layer that Keras does not have.
nlohmann::json make_config(const NetworkSpec& spec, const std::string& where);

/// Its arrays, in the order in which they are written.
std::vector<WrittenArray> make_arrays(const NetworkSpec& spec, const std::string& where);

}  // namespace alexnet::keras
