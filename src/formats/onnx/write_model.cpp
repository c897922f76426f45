#include "formats/onnx/write_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <ostream>
#include <protozero/pbf_builder.hpp>
#include <protozero/varint.hpp>
#include <span>
#include <vector>

#include "alexnet/error.h"
#include "base/machine.h"
#include "formats/check_model.h"
#include "formats/describe_preparation.h"
#include "formats/element.h"
#include "formats/onnx/graph.h"
#include "formats/onnx/messages.h"
#include "formats/onnx/utf8.h"
#include "formats/own_model.h"

namespace alexnet::onnx {
namespace {

template <class Message>
using Builder = protozero::pbf_builder<Message>;

constexpr std::uint64_t kMaxFile = std::numeric_limits<std::int32_t>::max();  // protobuf's

/// What stands before the bytes of a field: its number and their length.
template <class Message>
std::string field_start(Message field, std::uint64_t length) {
  constexpr std::uint32_t kLengthDelimited = 2;
  std::string start;
  protozero::add_varint_to_buffer(&start, static_cast<std::uint32_t>(field) << 3 | kLengthDelimited);
  protozero::add_varint_to_buffer(&start, length);
  return start;
}

/// A field of a GraphProto whose values are written from where they are.
struct TensorField {
  std::string start;                  // up to the values
  std::span<const std::byte> values;  // raw_data, the last field
};

TensorField tensor_field(const WrittenTensor& tensor, std::span<const std::byte> values) {
  std::string message;
  Builder<TensorProto> to(message);
  for (const std::int64_t extent : tensor.shape) to.add_int64(TensorProto::dims, extent);
  to.add_enum(TensorProto::data_type, tensor.integers.empty() ? kFloat : kInt64);
  to.add_string(TensorProto::name, tensor.name);
  message += field_start(TensorProto::raw_data, values.size());
  return {field_start(GraphProto::initializer, message.size() + values.size()) + message, values};
}

std::span<const std::byte> values_of(const WrittenTensor& tensor, const NamedTensors& weights) {
  if (!tensor.parameter.empty()) return std::as_bytes(weights.at(tensor.parameter).values);
  if (!tensor.integers.empty()) return std::as_bytes(std::span(tensor.integers));
  return std::as_bytes(std::span(tensor.values));
}

/// A value of float32 numbers, the first dimension of which is the batch.
void add_value(Builder<GraphProto>& graph, GraphProto field, const std::string& name, const Shape& shape) {
  Builder<ValueInfoProto> value(graph, field);
  value.add_string(ValueInfoProto::name, name);
  Builder<TypeProto> type(value, ValueInfoProto::type);
  Builder<TypeProtoTensor> tensor(type, TypeProto::tensor_type);
  tensor.add_enum(TypeProtoTensor::elem_type, kFloat);
  Builder<TensorShapeProto> dimensions(tensor, TypeProtoTensor::shape);
  Builder<Dimension>(dimensions, TensorShapeProto::dim).add_string(Dimension::dim_param, "batch");
  for (const std::int64_t extent : shape)
    Builder<Dimension>(dimensions, TensorShapeProto::dim).add_int64(Dimension::dim_value, extent);
}

/// The fields of a GraphProto that stand before and after its tensors.
std::string graph_start(const WrittenGraph& graph, const std::string& name) {
  std::string bytes = graph.nodes;
  Builder<GraphProto>(bytes).add_string(GraphProto::name, valid_utf8(name.empty() ? "network" : name));
  return bytes;
}
std::string graph_end(const WrittenGraph& graph) {
  std::string bytes;
  Builder<GraphProto> to(bytes);
  const Extent& in = graph.input_extent;
  add_value(to, GraphProto::input, graph.input, {in.channels, in.height, in.width});
  add_value(to, GraphProto::output, graph.output, {graph.outputs});
  return bytes;
}

/// For people who use the file elsewhere: what goes in. Preprocessing that is not known to them is the usual
/// reason why a network gives wrong answers.
std::string description(const Model& model, bool with_preprocessing) {
  const Preprocessing& steps = model.preprocessing;
  const bool colour = model.spec.input.channels == 3;
  const char* order = !colour ? "gray" : steps.bgr && !with_preprocessing ? "BGR" : "RGB";
  std::string text =
      fmt::format("Input: images scaled, {}, then the centre {}x{} (width x height); {}, pixel / 255",
                  describe_scaling(steps), steps.crop_width, steps.crop_height, order);
  if (with_preprocessing) return text + ".";
  if (!steps.mean_image.values.empty())
    return text + fmt::format(", minus the tensor {}, divided by standard deviation [{}].", kMeanImage,
                              fmt::join(steps.stddev, ", "));
  return text + fmt::format(", minus mean [{}], divided by standard deviation [{}].",
                            fmt::join(steps.mean, ", "), fmt::join(steps.stddev, ", "));
}

std::string model_start(const Model& model, bool with_preprocessing) {
  const std::string program = this_machine().program;
  const std::size_t space = program.find(' ');
  std::string bytes;
  Builder<ModelProto> to(bytes);
  to.add_int64(ModelProto::ir_version, kIrVersion);
  to.add_string(ModelProto::producer_name, program.substr(0, space));
  to.add_string(ModelProto::producer_version, program.substr(space + 1));
  to.add_string(ModelProto::doc_string, description(model, with_preprocessing));
  return bytes;
}

std::string model_end(const Model& model) {
  std::string bytes;
  Builder<ModelProto> to(bytes);
  {
    Builder<OperatorSetIdProto> operators(to, ModelProto::opset_import);
    operators.add_string(OperatorSetIdProto::domain, "");
    operators.add_int64(OperatorSetIdProto::version, kOpset);
  }
  for (const auto& [key, value] : own_metadata(model)) {
    if (key == kDigest) continue;  // other programs may change the weights and keep the metadata
    Builder<StringStringEntryProto> entry(to, ModelProto::metadata_props);
    entry.add_string(StringStringEntryProto::key, kMetadataPrefix + valid_utf8(key));
    entry.add_string(StringStringEntryProto::value, valid_utf8(value));
  }
  return bytes;
}

}  // namespace

std::string graph_without_weights(const Model& model, bool with_preprocessing, const std::string& where) {
  const WrittenGraph graph =
      make_graph(model.spec, with_preprocessing ? std::optional(model.preprocessing) : std::nullopt, where);
  std::string bytes = graph_start(graph, model.spec.name);
  for (const WrittenTensor& tensor : graph.tensors) {
    const auto values = tensor.parameter.empty() ? values_of(tensor, {}) : std::span<const std::byte>();
    bytes += tensor_field(tensor, values).start;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size());
  }
  return bytes + graph_end(graph);
}

void write_model(const Model& model, const ExportOptions& options, std::ostream& out,
                 const std::string& name) {
  WrittenGraph graph = make_graph(
      model.spec, options.with_preprocessing ? std::optional(model.preprocessing) : std::nullopt, name);
  // No node uses the mean image: it is there to be read again, and for people.
  if (const Shape& shape = model.preprocessing.mean_image.shape; !shape.empty())
    graph.tensors.push_back({.name = kMeanImage, .shape = shape, .parameter = kMeanImage});
  const NamedTensors values = tensors_of(model);
  std::vector<TensorField> tensors;
  tensors.reserve(graph.tensors.size());
  for (const WrittenTensor& tensor : graph.tensors)
    tensors.push_back(tensor_field(tensor, values_of(tensor, values)));
  const std::string before = graph_start(graph, model.spec.name), after = graph_end(graph);
  std::uint64_t size = before.size() + after.size();
  for (const TensorField& tensor : tensors) size += tensor.start.size() + tensor.values.size();
  const std::string start =
      model_start(model, options.with_preprocessing) + field_start(ModelProto::graph, size);
  const std::string end = model_end(model);
  if (start.size() + size + end.size() > kMaxFile)
    throw DataError(
        name,
        fmt::format("cannot be written as ONNX: it would have {:.1f} GB, but protobuf allows 2 GB",
                    static_cast<double>(size) / 1e9),
        "use another format, or a smaller network");
  out << start << before;
  for (const TensorField& tensor : tensors) {
    out << tensor.start;
    out.write(reinterpret_cast<const char*>(tensor.values.data()),
              static_cast<std::streamsize>(tensor.values.size()));
  }
  out << after << end;
  require_written(out, name);
}

}  // namespace alexnet::onnx
