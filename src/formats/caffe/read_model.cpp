#include "formats/caffe/read_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "formats/caffe/make_network.h"
#include "formats/caffe/network_reader.h"
#include "formats/caffe/preparation.h"
#include "formats/check_model.h"
#include "formats/neighbours.h"
#include "formats/number_classes.h"
#include "formats/own_model.h"

namespace alexnet::caffe {
namespace {

namespace fs = std::filesystem;

/// The text of a file with the definition of a network.
Message read_definition(const Bytes& file) {
  return parse_text({reinterpret_cast<const char*>(file.data.data()), file.data.size()}, file.name);
}

/// Weights take at most eight times the bytes of the file: several layers may use the same blob.
void require_bytes(const ReadNetwork& network, const Bytes& file) {
  constexpr double kTimes = 8, kSlack = 1 << 24;
  double needed = 0;
  for (const WeightSource& source : network.weights) {
    double values = sizeof(float);
    for (const std::int64_t extent : source.shape) values *= static_cast<double>(extent);
    needed += values;
  }
  if (needed > kTimes * static_cast<double>(file.data.size()) + kSlack)
    throw DataError(file.name, fmt::format("its network needs {:.0f} MB of weights, but it has {:.0f} MB",
                                           needed / 1e6, static_cast<double>(file.data.size()) / 1e6));
}

Shape without_ones(const Shape& shape) {
  Shape rest;
  std::ranges::copy_if(shape, std::back_inserter(rest), [](std::int64_t extent) { return extent != 1; });
  return rest;
}

std::string blob_name(const std::string& layer, std::size_t blob) {
  return fmt::format("{} blob {}", layer, blob);
}

class WeightReader {
 public:
  WeightReader(const Blobs& blobs, const std::string& where) : blobs_(blobs), where_(where) {}

  TensorView read(const WeightSource& source, Origin& origin) const {
    Tensor tensor(source.shape);
    if (source.layer.empty()) {
      std::ranges::fill(tensor.values, source.otherwise);
      return TensorView::own(std::move(tensor));
    }
    const StoredBlob& blob = find(source.layer, source.blob);
    const std::string name = blob_name(source.layer, source.blob);
    Shape wanted = source.shape;
    if (source.transposed) std::ranges::reverse(wanted);
    if (without_ones(blob.shape) != without_ones(wanted))
      throw DataError(where_, fmt::format("{} has shape {}, but its layer needs {}", shown(name),
                                          to_string(blob.shape), to_string(wanted)));
    Tensor stored = values_of(blob, fmt::format("{}: {}", where_, shown(name)));
    TensorSource from{.name = name, .shape = blob.shape};
    if (source.transposed) {
      transpose(stored.values, wanted, tensor.values);
      from.permutation = {1, 0};
    } else {
      tensor.values = std::move(stored.values);
    }
    if (source.divisor) {
      // Caffe's: 0 stands for no statistics at all.
      const float divisor = only_value(find(source.layer, *source.divisor));
      const float factor = divisor == 0 ? 0 : 1 / divisor;
      for (float& value : tensor.values) value *= factor;
      from.change = fmt::format("divided by blob {}, {}", *source.divisor, divisor);
    }
    origin.sources.emplace(source.parameter, std::move(from));
    return TensorView::own(std::move(tensor));
  }

 private:
  const StoredBlob& find(const std::string& layer, std::size_t blob) const {
    if (const StoredBlob* found = blobs_.find(layer, blob)) return *found;
    throw DataError(where_,
                    fmt::format("has no weights for layer '{}': blob {} is missing", shown(layer), blob),
                    "use the .caffemodel that belongs to this network");
  }

  float only_value(const StoredBlob& blob) const {
    const Tensor tensor = values_of(blob, where_);
    if (tensor.values.size() != 1)
      throw DataError(where_, "has a factor of statistics that is not one number");
    return tensor.values[0];
  }

  static void transpose(const std::vector<float>& from, const Shape& shape, std::vector<float>& to) {
    const auto rows = static_cast<std::size_t>(shape[0]), columns = static_cast<std::size_t>(shape[1]);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t column = 0; column < columns; ++column)
        to[column * rows + row] = from[row * columns + column];
  }

  const Blobs& blobs_;
  const std::string& where_;
};

/// The model that this program's metadata describes; none when there is none, or the network or its
/// preparation has become another one.
std::optional<StoredWeights> described_model(const StoredNetwork& file, const ReadNetwork& network,
                                             const std::string& where) {
  TensorFile stated;
  for (const auto& [key, value] : file.metadata)
    if (key == kMeanImage)
      stated.tensors.emplace(key, TensorView::own(values_of(parse_blob(value, where), where)));
    else
      stated.metadata.emplace(key, value);
  if (!is_own_format(stated)) return std::nullopt;
  StoredWeights model = read_own_model(std::move(stated), where);
  try {
    const Model whole{.spec = *model.spec,
                      .weights = {},
                      .classes = model.classes,
                      .preprocessing = *model.preprocessing,
                      .provenance = {}};
    const MadeNetwork made = make_network(whole, network.input.mean_file, where);
    const std::map<std::string, std::vector<StoredBlob>> none;
    const ReadNetwork again = read_network(made.definition(), Blobs(none), where);
    if (again.spec.input == network.spec.input && again.spec.layers == network.spec.layers &&
        again.input == network.input)
      return model;
  } catch (const Error&) {
    // A network that was never written.
  }
  return std::nullopt;
}

void require_classes(const NetworkSpec& spec, const std::string& where) {
  constexpr int kMostClasses = 1'000'000;
  if (const int outputs = class_count(spec); outputs > kMostClasses)
    throw DataError(where, fmt::format("has {} outputs, which are no classes", outputs));
}

/// The definition of the network, and what the file itself has of it.
struct Definitions {
  std::optional<Message> text;
  std::string where;  // of the text
};

Definitions find_definition(const Bytes& file, const ImportOptions& options, Origin& origin) {
  std::optional<Bytes> text;
  if (!options.network.empty())
    text = Bytes::map(options.network);
  else if (const fs::path name(file.name); !name.extension().empty())
    text = neighbour(file, fs::path(name.filename()).replace_extension(".prototxt").string());
  if (!text) return {std::nullopt, file.name};
  origin.assumptions.push_back(
      {"network", "of " + fs::path(text->name).filename().string(), Assumption::From::kFile});
  return {read_definition(*text), text->name};
}

TensorView find_mean_image(const Bytes& file, const ReadNetwork& network, const ImportOptions& options) {
  const int channels = network.spec.input.channels;
  if (!options.mean.empty()) return read_mean_image(Bytes::map(options.mean), channels);
  const std::string stated = fs::path(network.input.mean_file).filename().string();
  if (stated.empty()) return {};
  if (const auto beside = neighbour(file, stated)) return read_mean_image(*beside, channels);
  return {};
}

void list_ignored(const StoredNetwork& stored, const ReadNetwork& network, Origin& origin) {
  std::set<std::pair<std::string_view, std::size_t>> used;
  for (const WeightSource& source : network.weights) {
    used.emplace(source.layer, source.blob);
    if (source.divisor) used.emplace(source.layer, *source.divisor);
  }
  for (const auto& [layer, blobs] : stored.blobs)
    for (std::size_t blob = 0; blob < blobs.size(); ++blob)
      if (!used.contains({layer, blob}))
        origin.ignored.emplace(blob_name(layer, blob), "no layer of the network reads it");
}

}  // namespace

StoredWeights read_model(const Bytes& file, const ImportOptions& options) {
  const std::string& where = file.name;
  const StoredNetwork stored = parse_network(file.data, where);
  const Blobs blobs(stored.blobs);
  StoredWeights result;
  const Definitions definitions = find_definition(file, options, result.origin);
  ReadNetwork network =
      read_network(definitions.text ? *definitions.text : stored.network, blobs, definitions.where);
  if (definitions.text && !network.input.stated) network.input = read_stated_input(stored.network, where);
  std::ranges::copy(network.assumptions, std::back_inserter(result.origin.assumptions));
  require_bytes(network, file);

  result.origin.producer = "Caffe";
  result.origin.version = stored.network.messages("layer").empty() ? "V1 layers" : "V2 layers";
  std::optional<StoredWeights> own;
  if (options.mean.empty()) own = described_model(stored, network, where);
  if (own) {
    own->origin = std::move(result.origin);
    result = *std::move(own);
  } else {
    result.spec = network.spec;
    result.preprocessing =
        read_preparation(network, find_mean_image(file, network, options), result.origin, definitions.where);
    require_classes(*result.spec, where);
    number_classes(result);
  }
  const std::vector<ParameterInfo> names = parameters(*result.spec);
  const WeightReader weights(blobs, where);
  for (std::size_t i = 0; i < names.size(); ++i) {
    network.weights[i].parameter = names[i].name;
    if (const std::string& name = names[i].name; names[i].role == Role::kKernel)
      result.origin.layers.emplace(name.substr(0, name.rfind('.')), network.weights[i].layer);
    result.weights.emplace(names[i].name, weights.read(network.weights[i], result.origin));
  }
  list_ignored(stored, network, result.origin);
  return result;
}

}  // namespace alexnet::caffe
