// A model as one .safetensors file: weights as tensors, all else as JSON texts in the metadata.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "formats/finite.h"
#include "formats/safetensors.h"
#include "model/json_object.h"

namespace alexnet {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kFormat = "alexnet.model";
constexpr const char* kVersion = "1";
constexpr const char* kProvenance = "provenance.";  // prefix of its keys

std::string to_json(const Preprocessing& preprocessing) {
  const auto numbers = [](const std::vector<float>& values) {
    ordered_json list = ordered_json::array();
    for (const float value : values) list.push_back(json_number(value));
    return list;
  };
  ordered_json out;
  out["resize"] = preprocessing.resize;
  out["crop_width"] = preprocessing.crop_width;
  out["crop_height"] = preprocessing.crop_height;
  out["mean"] = numbers(preprocessing.mean);
  out["deviation"] = numbers(preprocessing.deviation);
  out["channel_order"] = preprocessing.bgr ? "bgr" : "rgb";
  return out.dump();
}

Preprocessing preprocessing_from_json(const std::string& text, const std::string& where) {
  const json root = parse_json(text, where);
  JsonObject object(root, where, "");
  for (const char* key : {"resize", "crop_width", "crop_height", "mean", "deviation", "channel_order"})
    object.need(key);
  Preprocessing preprocessing;
  std::string order;
  object.read("resize", preprocessing.resize);
  object.read("crop_width", preprocessing.crop_width);
  object.read("crop_height", preprocessing.crop_height);
  object.read("mean", preprocessing.mean);
  object.read("deviation", preprocessing.deviation);
  object.read("channel_order", order);
  object.finish();
  if (order != "rgb" && order != "bgr") object.fail("channel_order", "is neither rgb nor bgr");
  preprocessing.bgr = order == "bgr";
  return preprocessing;
}

std::string to_json(const std::vector<std::string>& classes) {
  // Names of folders need not be valid UTF-8.
  return json(classes).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::string> classes_from_json(const std::string& text, const std::string& where) {
  const json root = parse_json(text, where);
  if (!root.is_array()) throw DataError(where, "is not a list of names");
  std::vector<std::string> classes;
  for (const json& name : root) {
    if (!name.is_string()) throw DataError(where, "holds something else than names");
    classes.push_back(name.get<std::string>());
  }
  return classes;
}

void check_preprocessing(const Model& model, const std::string& where) {
  const Preprocessing& preprocessing = model.preprocessing;
  const Extent& input = model.spec.input;
  if (preprocessing.resize < 1 || preprocessing.resize > Preprocessing::kLargestResize)
    throw DataError(where, fmt::format("its preprocessing cannot resize to {}", preprocessing.resize));
  if (preprocessing.crop_width != input.width || preprocessing.crop_height != input.height)
    throw DataError(
        where, fmt::format("its preprocessing crops to {}x{}, its network takes {}x{}",
                           preprocessing.crop_width, preprocessing.crop_height, input.width, input.height));
  const auto channels = static_cast<std::size_t>(input.channels);
  if (preprocessing.mean.size() != channels || preprocessing.deviation.size() != channels)
    throw DataError(where, fmt::format("its preprocessing has {} means and {} deviations for {} channels",
                                       preprocessing.mean.size(), preprocessing.deviation.size(), channels));
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(preprocessing.mean, finite) ||
      !std::ranges::all_of(preprocessing.deviation,
                           [](float value) { return value > 0.0F && std::isfinite(value); }))
    throw DataError(where, "the means of its preprocessing must be numbers, its deviations more than 0");
}

void check_tensor(const ParameterInfo& info, const TensorView& tensor, const std::string& where) {
  if (tensor.shape != info.shape)
    throw DataError(where, fmt::format("tensor '{}' is {}, the network needs {}", info.name,
                                       to_string(tensor.shape), to_string(info.shape)));
  if (!all_finite(tensor.values))
    throw DataError(where, fmt::format("tensor '{}' holds values that are not finite", info.name),
                    "use an earlier model of that training");
  if (info.role == Role::kMovingVariance && std::ranges::any_of(tensor.values, [](float v) { return v < 0; }))
    throw DataError(where, fmt::format("tensor '{}' holds a negative variance", info.name));
}

void check(const Model& model, const std::string& where) {
  const auto outputs = static_cast<std::size_t>(class_count(model.spec));
  if (model.classes.size() != outputs)
    throw DataError(
        where, fmt::format("names {} classes, its network has {} outputs", model.classes.size(), outputs));
  check_preprocessing(model, where);
  const std::vector<ParameterInfo> needed = parameters(model.spec);
  for (const ParameterInfo& info : needed) {
    const auto found = model.weights.find(info.name);
    if (found == model.weights.end())
      throw DataError(where, fmt::format("tensor '{}' is missing", info.name));
    check_tensor(info, found->second, where);
  }
  for (const auto& [name, tensor] : model.weights)
    if (std::ranges::find(needed, name, &ParameterInfo::name) == needed.end())
      throw DataError(where, fmt::format("tensor '{}' is none that its network has", name));
}

}  // namespace

Model load_model(const Bytes& bytes) {
  const std::string& where = bytes.name;
  TensorFile file = load_tensors(bytes);
  const auto text = [&](const char* key) -> const std::string& {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw DataError(where, fmt::format("is not a model of this program: its metadata has no '{}'", key));
    return found->second;
  };
  if (text("format") != kFormat)
    throw DataError(where, fmt::format("is not a model of this program: its format is '{}'", text("format")));
  if (text("version") != kVersion)
    throw DataError(where, fmt::format("is a model of version {}, which is not known here", text("version")),
                    "use a newer alexnet");
  Model model;
  model.spec = spec_from_json(text("spec"), where + ": spec");
  model.classes = classes_from_json(text("classes"), where + ": classes");
  model.preprocessing = preprocessing_from_json(text("preprocessing"), where + ": preprocessing");
  const std::string prefix = kProvenance;
  for (const auto& [key, value] : file.metadata)
    if (key.starts_with(prefix)) model.provenance[key.substr(prefix.size())] = value;
  model.weights = std::move(file.tensors);
  check(model, where);
  return model;
}

Model load_model(const std::filesystem::path& path) { return load_model(Bytes::map(path)); }

void save_model(const Model& model, std::ostream& out, const std::string& name) {
  check(model, name);
  std::map<std::string, std::string> metadata = {{"format", kFormat},
                                                 {"version", kVersion},
                                                 {"spec", spec_to_json(model.spec)},
                                                 {"classes", to_json(model.classes)},
                                                 {"preprocessing", to_json(model.preprocessing)}};
  for (const auto& [key, value] : model.provenance) metadata[kProvenance + key] = value;
  save_tensors(model.weights, metadata, out, name);
}

void save_model(const Model& model, const std::filesystem::path& path) {
  AtomicFile file(path);
  save_model(model, file.stream(), path.string());
  file.commit();
}

}  // namespace alexnet
