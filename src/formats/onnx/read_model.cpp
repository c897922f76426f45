#include "formats/onnx/read_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "formats/check_model.h"
#include "formats/number_classes.h"
#include "formats/onnx/graph.h"
#include "formats/onnx/network_reader.h"
#include "formats/onnx/parse.h"
#include "formats/onnx/write_model.h"
#include "formats/own_model.h"

namespace alexnet::onnx {
namespace {

/// Weights take at most eight times the bytes of the file: those of one byte become four, and may be used
/// twice. A file of a few bytes that asks for many values is refused before they are allocated.
void require_bytes(const ReadNetwork& network, std::size_t there, const std::string& where) {
  constexpr double kTimes = 8, kSlack = 1 << 24;
  double needed = 0;
  for (const WeightSource& source : network.weights) {
    double values = sizeof(float);
    for (const std::int64_t extent : source.shape) values *= static_cast<double>(extent);
    needed += values;
  }
  if (needed > kTimes * static_cast<double>(there) + kSlack)
    throw DataError(where, fmt::format("its network needs {:.0f} MB of weights, but it has {:.0f} MB",
                                       needed / 1e6, static_cast<double>(there) / 1e6));
}

/// Column of a dense layer's weights in the file for each of ours.
std::vector<std::size_t> columns(const Shape& shape, const std::optional<Extent>& channels_last) {
  std::vector<std::size_t> order(static_cast<std::size_t>(shape[1]));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (!channels_last) return order;
  const auto channels = static_cast<std::size_t>(channels_last->channels);
  const std::size_t pixels = order.size() / channels;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) order[c * pixels + pixel] = pixel * channels + c;
  return order;
}

TensorView rearranged(const WeightSource& source, const TensorView& from) {
  Tensor to(source.shape);
  const auto rows = static_cast<std::size_t>(source.shape[0]),
             width = static_cast<std::size_t>(source.shape[1]);
  const std::vector<std::size_t> order = columns(source.shape, source.channels_last);
  const std::size_t row_step = source.transposed ? 1 : width, column_step = source.transposed ? rows : 1;
  constexpr std::size_t kBlock = 64;  // rows of a transposed matrix that share lines of the cache
  for (std::size_t block = 0; block < rows; block += kBlock)
    for (std::size_t column = 0; column < width; ++column)
      for (std::size_t row = block; row < std::min(block + kBlock, rows); ++row)
        to.values[row * width + column] = from.values[row * row_step + order[column] * column_step];
  return TensorView::own(std::move(to));
}

TensorView multiplied(const TensorView& from, float factor) {
  Tensor to(from.shape);
  std::ranges::transform(from.values, to.values.begin(), [factor](float value) { return factor * value; });
  return TensorView::own(std::move(to));
}

TensorView tensor_of(const WeightSource& source, ConstantReader& values) {
  if (!source.constant) return TensorView::own(Tensor(source.shape));
  TensorView tensor = values.floats(*source.constant);
  if (source.transposed || source.channels_last)
    tensor = rearranged(source, tensor);
  else if (tensor.values.size() == 1 && element_count(source.shape) != 1)  // one bias for all
    tensor = TensorView::own(
        {source.shape,
         std::vector<float>(static_cast<std::size_t>(element_count(source.shape)), tensor.values[0])});
  if (source.factor != 1) tensor = multiplied(tensor, source.factor);
  tensor.shape = source.shape;
  return tensor;
}

TensorSource source_of(const WeightSource& source) {
  TensorSource origin{.name = std::string(source.constant->name()), .shape = source.constant->shape};
  if (const auto& extent = source.channels_last) {
    const Shape rows = {source.shape[0]}, image = {extent->height, extent->width, extent->channels};
    origin.view = source.transposed ? Shape{image[0], image[1], image[2], rows[0]}
                                    : Shape{rows[0], image[0], image[1], image[2]};
    origin.permutation = source.transposed ? std::vector{3, 2, 0, 1} : std::vector{0, 3, 1, 2};
  } else if (source.transposed) {
    origin.permutation = {1, 0};
  }
  if (source.factor != 1) origin.change = fmt::format("multiplied by {}", source.factor);
  return origin;
}

/// What this program would read of the file that it would write.
ReadNetwork read_again(const Model& model, bool with_preprocessing, const std::string& where) {
  const std::string bytes = graph_without_weights(model, with_preprocessing, where);
  const StoredGraph graph = parse_graph(bytes, where);
  ConstantReader values(Bytes{.name = where, .data = std::as_bytes(std::span(bytes)), .keep = nullptr});
  return NetworkReader(graph, kOpset, values, where).read();
}

/// The model that the file's metadata describes; none when there is none, or the graph has become another
/// one.
std::optional<StoredWeights> described_model(const StoredModel& file, const ReadNetwork& network,
                                             const std::string& where) {
  TensorFile stated;
  const std::string prefix = kMetadataPrefix;
  for (const auto& [key, value] : file.metadata)
    if (key.starts_with(prefix)) stated.metadata.emplace(key.substr(prefix.size()), value);
  if (!is_own_format(stated)) return std::nullopt;
  StoredWeights model = read_own_model(std::move(stated), where);
  try {
    const Model whole{.spec = *model.spec,
                      .weights = {},
                      .classes = model.classes,
                      .preprocessing = *model.preprocessing,
                      .provenance = {}};
    const ReadNetwork written = read_again(whole, network.input != InputSteps{}, where);
    if (written.spec.input == network.spec.input && written.spec.layers == network.spec.layers &&
        written.input == network.input && !network.channels_last)
      return model;
  } catch (const Error&) {
    // A network that was never written.
  }
  return std::nullopt;
}

/// The values of the graph that are outputs of layers. A graph that prepares images itself has another input
/// than the network, so that nothing can be compared.
std::map<std::string, std::string> layer_outputs(const NetworkSpec& spec, const ReadNetwork& network) {
  std::map<std::string, std::string> result;
  if (network.input != InputSteps{}) return result;
  std::size_t next = 0;
  for (const Layer& layer : spec.layers) {
    if (next == network.outputs.size()) break;
    // Dropout of this program's models is not in the file.
    if (layer.kind.index() != network.spec.layers[next].kind.index()) continue;
    if (!network.outputs[next].empty()) result.emplace(layer.name, network.outputs[next]);
    ++next;
  }
  return result;
}

}  // namespace

StoredWeights read_model(const Bytes& bytes) {
  const std::string& where = bytes.name;
  const StoredModel file = parse_model(bytes.data, where);
  ConstantReader values(bytes);
  const ReadNetwork network = NetworkReader(file.graph, file.opset, values, where).read();
  std::optional<StoredWeights> own = described_model(file, network, where);
  const bool described = own.has_value();
  StoredWeights result;
  if (described)
    result = *std::move(own);
  else
    result.spec = network.spec;
  if (!described && network.input != InputSteps{})
    throw DataError(where, "changes the values of its input before its first layer, which is not supported",
                    "write the file without preprocessing");
  for (const WeightSource& source : network.weights)
    if (source.constant) values.locate(*source.constant);
  require_bytes(network, values.bytes_there(), where);
  const std::vector<ParameterInfo> names = parameters(*result.spec);
  if (described)
    for (const StoredTensor& tensor : file.graph.tensors)
      if (tensor.name == kMeanImage)
        result.preprocessing->mean_image = values.floats({.shape = tensor.shape, .stored = tensor});
  if (!described) number_classes(result);
  result.origin.producer = file.producer;
  if (!file.producer_version.empty()) result.origin.producer += fmt::format(" {}", file.producer_version);
  result.origin.version = fmt::format("opset {}", file.opset);
  result.origin.layers = layer_outputs(*result.spec, network);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const WeightSource& source = network.weights[i];
    result.weights.emplace(names[i].name, tensor_of(source, values));
    if (source.constant) result.origin.sources.emplace(names[i].name, source_of(source));
  }
  return result;
}

}  // namespace alexnet::onnx
