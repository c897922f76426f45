// ONNX files as they are stored: nodes and tensors, whose content is read when it is needed. Everything is a
// view into the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/tensor.h"
#include "formats/shown.h"

namespace alexnet::onnx {

/// A TensorProto. `message` holds its values: read_floats() and read_integers() (tensor_values.h).
struct StoredTensor {
  std::string_view name;
  Shape shape;   ///< every extent is 0 or more
  int type = 0;  ///< DataType
  std::string_view message;
  bool external = false;  ///< values are in another file
};

/// A NodeProto. `message` holds its attributes: Attributes (attributes.h).
struct StoredNode {
  std::string_view name, op, domain;
  std::vector<std::string_view> inputs, outputs;
  std::string_view message;
};

/// A ValueInfoProto of a tensor. A dimension that is not a number is none.
struct StoredValue {
  std::string_view name;
  std::vector<std::optional<std::int64_t>> shape;
};

struct StoredGraph {
  std::string_view name;
  std::vector<StoredNode> nodes;
  std::vector<StoredTensor> tensors;
  std::vector<StoredValue> inputs, outputs;
};

struct StoredModel {
  std::int64_t ir_version = 0, opset = 0;
  std::string_view producer, producer_version;
  std::map<std::string, std::string> metadata;
  StoredGraph graph;
};

/// Whether bytes begin as an ONNX file does; nothing when there are too few of them to tell.
std::optional<bool> looks_like_onnx(std::span<const std::byte> bytes);

/// DataError naming `where` when the bytes are damaged, or hold what no chain of layers has: functions,
/// sparse tensors, operators of other domains. Takes time and memory in proportion to the number of bytes.
StoredModel parse_model(std::span<const std::byte> bytes, const std::string& where);
/// The graph alone, from the bytes of a GraphProto.
StoredGraph parse_graph(std::string_view bytes, const std::string& where);
/// DataError naming `where` for a shape that is not one.
StoredTensor parse_tensor(std::string_view bytes, const std::string& where);

}  // namespace alexnet::onnx
