#include "formats/onnx/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "formats/onnx/messages.h"
#include "formats/onnx/wire.h"

namespace alexnet::onnx {
namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Calls read(), and turns protozero's exceptions into a DataError.
template <class Read>
auto checked(const std::string& where, Read&& read) {
  try {
    return read();
  } catch (const protozero::exception&) {
    throw DataError(where, "is not a whole ONNX file",
                    "the file was probably truncated or damaged when it was copied");
  }
}

std::pair<std::string, std::string> read_entry(std::string_view bytes) {
  std::pair<std::string, std::string> entry;
  auto fields = fields_of<StringStringEntryProto>(bytes);
  while (fields.next()) {
    if (fields.tag() == StringStringEntryProto::key)
      entry.first = bytes_of(fields);
    else if (fields.tag() == StringStringEntryProto::value)
      entry.second = bytes_of(fields);
    else
      fields.skip();
  }
  return entry;
}

StoredNode read_node(std::string_view bytes) {
  StoredNode node;
  node.message = bytes;
  auto fields = fields_of<NodeProto>(bytes);
  while (fields.next()) switch (fields.tag()) {
      case NodeProto::input:
        node.inputs.push_back(bytes_of(fields));
        break;
      case NodeProto::output:
        node.outputs.push_back(bytes_of(fields));
        break;
      case NodeProto::name:
        node.name = bytes_of(fields);
        break;
      case NodeProto::op_type:
        node.op = bytes_of(fields);
        break;
      case NodeProto::domain:
        node.domain = bytes_of(fields);
        break;
      default:
        fields.skip();
    }
  return node;
}

StoredTensor read_tensor(std::string_view bytes, const std::string& where) {
  StoredTensor tensor;
  tensor.message = bytes;
  auto fields = fields_of<TensorProto>(bytes);
  while (fields.next()) switch (fields.tag()) {
      case TensorProto::dims:
        each_integer(fields, [&](std::int64_t extent) { tensor.shape.push_back(extent); });
        break;
      case TensorProto::data_type:
        tensor.type = static_cast<int>(integer_of(fields));
        break;
      case TensorProto::name:
        tensor.name = bytes_of(fields);
        break;
      case TensorProto::data_location:
        tensor.external = integer_of(fields) != 0;
        break;
      default:
        fields.skip();
    }
  if (std::ranges::any_of(tensor.shape, [](std::int64_t extent) { return extent < 0; }))
    throw DataError(where, fmt::format("tensor '{}' has a negative size", shown(tensor.name)));
  return tensor;
}

std::optional<std::int64_t> read_dimension(std::string_view bytes) {
  std::optional<std::int64_t> extent;
  auto fields = fields_of<Dimension>(bytes);
  while (fields.next()) {
    if (fields.tag() == Dimension::dim_value)
      extent = integer_of(fields);
    else
      fields.skip();
  }
  return extent;
}

void read_type(std::string_view bytes, StoredValue& value) {
  auto type = fields_of<TypeProto>(bytes);
  while (type.next(TypeProto::tensor_type, protozero::pbf_wire_type::length_delimited)) {
    auto tensor = fields_of<TypeProtoTensor>(view_of(type.get_view()));
    while (tensor.next(TypeProtoTensor::shape, protozero::pbf_wire_type::length_delimited)) {
      auto shape = fields_of<TensorShapeProto>(view_of(tensor.get_view()));
      while (shape.next(TensorShapeProto::dim, protozero::pbf_wire_type::length_delimited))
        value.shape.push_back(read_dimension(view_of(shape.get_view())));
    }
  }
}

StoredValue read_value(std::string_view bytes) {
  StoredValue value;
  auto fields = fields_of<ValueInfoProto>(bytes);
  while (fields.next()) {
    if (fields.tag() == ValueInfoProto::name)
      value.name = bytes_of(fields);
    else if (fields.tag() == ValueInfoProto::type)
      read_type(bytes_of(fields), value);
    else
      fields.skip();
  }
  return value;
}

StoredGraph read_graph(std::string_view bytes, const std::string& where) {
  StoredGraph graph;
  auto fields = fields_of<GraphProto>(bytes);
  while (fields.next()) switch (fields.tag()) {
      case GraphProto::node:
        graph.nodes.push_back(read_node(bytes_of(fields)));
        break;
      case GraphProto::name:
        graph.name = bytes_of(fields);
        break;
      case GraphProto::initializer:
        graph.tensors.push_back(read_tensor(bytes_of(fields), where));
        break;
      case GraphProto::input:
        graph.inputs.push_back(read_value(bytes_of(fields)));
        break;
      case GraphProto::output:
        graph.outputs.push_back(read_value(bytes_of(fields)));
        break;
      case GraphProto::sparse_initializer:
        throw DataError(where, "holds sparse tensors, which are not supported");
      default:
        fields.skip();
    }
  return graph;
}

void read_operators(std::string_view bytes, StoredModel& model) {
  std::string_view domain;
  std::int64_t version = 0;
  auto fields = fields_of<OperatorSetIdProto>(bytes);
  while (fields.next()) {
    if (fields.tag() == OperatorSetIdProto::domain)
      domain = bytes_of(fields);
    else if (fields.tag() == OperatorSetIdProto::version)
      version = integer_of(fields);
    else
      fields.skip();
  }
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

}  // namespace

std::optional<bool> looks_like_onnx(std::span<const std::byte> bytes) {
  // The version of the format comes first, then the name of the program, or the graph at once. Other files
  // that protobuf wrote begin like this too; only one that has a graph is of this format.
  constexpr std::int64_t kVersions = 100;  // of which about a dozen exist
  if (bytes.size() < 2) return std::nullopt;
  if (bytes[0] != std::byte{8} || bytes[1] == std::byte{0} || std::to_integer<int>(bytes[1]) > kVersions)
    return false;
  const std::string_view text = text_of(bytes);
  std::size_t fields_seen = 0;
  try {
    auto fields = fields_of<ModelProto>(text);
    while (fields.next()) {
      if (fields.tag() == ModelProto::graph)
        return fields.has_wire_type(protozero::pbf_wire_type::length_delimited);
      const auto number = static_cast<std::uint32_t>(fields.tag());
      if (number > static_cast<std::uint32_t>(ModelProto::configuration) || ++fields_seen > 10'000)
        return false;
      fields.skip();
    }
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

StoredModel parse_model(std::span<const std::byte> bytes, const std::string& where) {
  return checked(where, [&] {
    StoredModel model;
    std::optional<std::string_view> graph;
    auto fields = fields_of<ModelProto>(text_of(bytes));
    while (fields.next()) switch (fields.tag()) {
        case ModelProto::ir_version:
          model.ir_version = integer_of(fields);
          break;
        case ModelProto::producer_name:
          model.producer = bytes_of(fields);
          break;
        case ModelProto::producer_version:
          model.producer_version = bytes_of(fields);
          break;
        case ModelProto::opset_import:
          read_operators(bytes_of(fields), model);
          break;
        case ModelProto::metadata_props:
          model.metadata.insert(read_entry(bytes_of(fields)));
          break;
        case ModelProto::graph:
          graph = bytes_of(fields);
          break;
        default:
          fields.skip();
      }
    if (!graph) throw DataError(where, "is an ONNX file without a graph");
    model.graph = read_graph(*graph, where);
    return model;
  });
}

StoredGraph parse_graph(std::string_view bytes, const std::string& where) {
  return checked(where, [&] { return read_graph(bytes, where); });
}

StoredTensor parse_tensor(std::string_view bytes, const std::string& where) {
  return checked(where, [&] { return read_tensor(bytes, where); });
}

}  // namespace alexnet::onnx
