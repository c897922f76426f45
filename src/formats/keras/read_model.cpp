#include "formats/keras/read_model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "alexnet/error.h"
#include "formats/describe_preparation.h"
#include "formats/keras/bare_weights.h"
#include "formats/keras/make_config.h"
#include "formats/keras/network_reader.h"
#include "formats/keras/stored_tensor.h"
#include "formats/number_classes.h"
#include "formats/own_model.h"
#include "formats/zip/zip_directory.h"
#include "model/json_object.h"

namespace alexnet::keras {
namespace {

using nlohmann::json;

/// The model that the file's metadata describes; none when there is none, or the configuration has become
/// another one.
std::optional<StoredWeights> described_model(const json& metadata, const json& config,
                                             const std::string& where) {
  const auto entry = metadata.is_object() ? metadata.find(kMetadataKey) : metadata.end();
  if (entry == metadata.end() || !entry->is_object()) return std::nullopt;
  TensorFile stated;
  for (const auto& [key, value] : entry->items())
    if (value.is_string()) stated.metadata.emplace(key, value.get<std::string>());
  if (!is_own_format(stated)) return std::nullopt;
  StoredWeights model = read_own_model(std::move(stated), where);
  try {
    if (make_config(*model.spec, where) == config) return model;
  } catch (const Error&) {
    // A network that was never written.
  }
  return std::nullopt;
}

/// Images as the layers in front of the first one expect them: values from 0 to 255, as Keras loads them.
void take_preparation(const InputSteps& steps, StoredWeights& stored, const std::string& where) {
  if (steps.scale.empty()) return;
  constexpr double kLevels = 255;
  const Extent& input = stored.spec->input;
  Preprocessing prepared{.resize = std::max(input.width, input.height),
                         .crop_width = input.width,
                         .crop_height = input.height,
                         .mean = {},
                         .stddev = {}};
  for (std::size_t c = 0; c < steps.scale.size(); ++c) {
    const double scale = kLevels * steps.scale[c];
    if (!(scale > 0)) throw DataError(where, "multiplies its input by a number that is not more than 0");
    prepared.mean.push_back(static_cast<float>(-steps.shift[c] / scale));
    prepared.stddev.push_back(static_cast<float>(1 / scale));
  }
  std::vector<Assumption>& assumptions = stored.origin.assumptions;
  const std::size_t before = assumptions.size();
  describe_preparation(prepared, Assumption::From::kDefault, assumptions);
  for (std::size_t i = before; i < assumptions.size(); ++i)
    if (assumptions[i].what == kMeans || assumptions[i].what == kStddevs)
      assumptions[i].from = Assumption::From::kFile;
  assumptions.push_back(
      {"values before the first layer", "0..255, as Keras loads images", Assumption::From::kDefault});
  stored.preprocessing = std::move(prepared);
}

void describe(const ReadNetwork& network, Origin& origin) {
  const auto say = [&](const char* what, std::string value) {
    origin.assumptions.push_back({what, std::move(value), Assumption::From::kFile});
  };
  say("order of kernels", "height, width, inputs, outputs");
  if (network.flattens) say("flatten order", "height, width, channels, put into channels, height, width");
  for (const std::string& layer : network.left_out)
    say("left out, as it only changes images in training", layer);
}

/// What a file has of a model.
struct Parts {
  json config, metadata;  // null where there is none
  hdf5::Content weights;
  WeightStore::Names names = WeightStore::Names::kByClass;
};

StoredWeights to_weights(const Parts& parts, const std::string& where) {
  const WeightStore store(parts.weights.root, parts.names, where);
  const ReadNetwork network = NetworkReader(read_chain(parts.config, where), &store, where).read();
  std::optional<StoredWeights> own = described_model(parts.metadata, parts.config, where);
  const bool described = own.has_value();
  StoredWeights result;
  if (described)
    result = *std::move(own);
  else
    result.spec = network.spec;
  const std::vector<ParameterInfo> names = parameters(*result.spec);
  std::set<std::string> used;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const WeightSource& source = network.weights[i];
    if (!source.variable) {
      result.weights.emplace(names[i].name, filled(source.shape, source.value));
      continue;
    }
    const StoredVariable found = store.find(*source.variable);
    if (found.dataset->shape != source.stored)
      throw DataError(where, fmt::format("'{}' has the shape {}, but its layer '{}' needs {}", found.path,
                                         to_string(found.dataset->shape), source.variable->layer,
                                         to_string(source.stored)));
    used.insert(found.path);
    const TensorSource origin{
        .name = found.path, .shape = source.stored, .view = source.view, .permutation = source.permutation};
    result.weights.emplace(names[i].name, tensor_of(*found.dataset, origin, source.shape));
    result.origin.sources.emplace(names[i].name, origin);
  }
  result.origin.ignored = store.ignored(used);
  const std::vector<Layer>& layers = result.spec->layers;
  for (std::size_t i = 0; i < layers.size() && layers.size() == network.outputs.size(); ++i)
    if (!network.outputs[i].empty()) result.origin.layers.emplace(layers[i].name, network.outputs[i]);
  if (!described) {
    describe(network, result.origin);
    take_preparation(network.input, result, where);
    number_classes(result);
  }
  return result;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string text(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                           : std::string();
}

StoredWeights read_archive(const Bytes& file) {
  const ZipEntries entries = read_zip_directory(file);
  const auto content = [&](const char* name) {
    const auto found = entries.find(name);
    if (found == entries.end())
      throw DataError(file.name, fmt::format("is no whole model of Keras: it has no entry '{}'", name),
                      "save it with model.save(\"NAME.keras\")");
    if (found->second.packed)
      throw DataError(file.name, fmt::format("its entry '{}' is compressed, which Keras does not do", name),
                      "save it again with model.save(\"NAME.keras\")");
    return found->second.content;
  };
  Parts parts;
  parts.config = parse_json(text_of(content("config.json")), file.name + ": config.json");
  if (entries.contains("metadata.json"))
    parts.metadata = parse_json(text_of(content("metadata.json")), file.name + ": metadata.json");
  parts.weights =
      hdf5::read_hdf5(Bytes{.name = file.name, .data = content("model.weights.h5"), .keep = nullptr});
  StoredWeights result = to_weights(parts, file.name);
  result.origin.producer = "Keras";
  if (const std::string version = text(parts.metadata, "keras_version"); !version.empty())
    result.origin.producer += " " + version;
  result.origin.version = ".keras archive";
  return result;
}

StoredWeights read_plain(const Bytes& file) {
  Parts parts;
  parts.weights = hdf5::read_hdf5(file);
  parts.names = WeightStore::Names::kByLayer;
  const auto& texts = parts.weights.texts;
  const auto config = texts.find("model_config");
  const bool whole = config != texts.end() && parts.weights.root.groups.contains("model_weights");
  StoredWeights result;
  if (whole) {
    parts.config = parse_json(config->second, file.name + ": model_config");
    result = to_weights(parts, file.name);
  } else {
    result = read_bare_weights(parts.weights.root, file.name);
  }
  result.origin.producer = "Keras";
  if (const auto version = texts.find("keras_version"); version != texts.end() && version->second.size() < 32)
    result.origin.producer += " " + std::string(version->second);
  result.origin.version = whole ? "HDF5 file of a model" : "HDF5 file of weights";
  return result;
}

}  // namespace

StoredWeights read_model(const Bytes& file) {
  return hdf5::looks_like_hdf5(file.data) ? read_plain(file) : read_archive(file);
}

}  // namespace alexnet::keras
