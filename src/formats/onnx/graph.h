// A network as the nodes and tensors of an ONNX graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alexnet/image.h"
#include "alexnet/network.h"

namespace alexnet::onnx {

/// A tensor of a graph that is written: a parameter of the network, whose values the model has, or a constant
/// with values of its own.
struct WrittenTensor {
  std::string name;
  Shape shape;
  std::string parameter{};               ///< name in parameters(spec); empty: a constant
  std::vector<float> values{};           ///< of a constant
  std::vector<std::int64_t> integers{};  ///< of a constant of whole numbers
};

/// The version of ONNX's operators that is written, and that of the file format that goes with it.
inline constexpr int kOpset = 17, kIrVersion = 8;
/// What the names of this program's metadata begin with; other programs add theirs.
inline constexpr const char* kMetadataPrefix = "alexnet.";

struct WrittenGraph {
  std::string
      nodes;  ///< the field `node` of a GraphProto, encoded: one per node, in the order of computation
  std::vector<WrittenTensor> tensors;
  std::string input, output;  ///< names of values
  Extent input_extent;
  std::int64_t outputs = 0;  ///< values per image
};

/// Tensors have the names of parameters(), nodes those of the layers. Padding is always written as a number
/// of pixels on each side. Dropout, which does nothing in inference, is left out. With `preprocessing`, the
/// input is RGB (or gray) from 0 to 1. DataError naming `where` and the layer, where ONNX has no such layer.
WrittenGraph make_graph(const NetworkSpec& spec, const std::optional<Preprocessing>& preprocessing,
                        const std::string& where);

}  // namespace alexnet::onnx
