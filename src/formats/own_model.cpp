#include "formats/own_model.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "alexnet/error.h"
#include "formats/check_model.h"
#include "image/preparation.h"
#include "model/json_object.h"

namespace alexnet {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kFormat = "alexnet.model";
constexpr const char* kVersion = "1";
constexpr const char* kProvenance = "provenance.";  // prefix of its keys

std::string to_json(const std::vector<std::string>& classes) {
  // Names of folders need not be valid UTF-8.
  return json(classes).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::string> classes_from_json(const std::string& text, const std::string& where) {
  const json root = parse_json(text, where);
  if (!root.is_array()) throw DataError(where, "is not a list of names");
  std::vector<std::string> classes;
  for (const json& name : root) {
    if (!name.is_string()) throw DataError(where, "contains something other than names");
    classes.push_back(name.get<std::string>());
  }
  return classes;
}

void read_resize(JsonObject& object, Resize& resize) {
  constexpr const char* kKey = "resize";
  if (!object.need(kKey).is_array()) {
    int side = 0;
    object.read(kKey, side);
    resize = side;
    return;
  }
  std::array<int, 2> sides{};
  object.read(kKey, sides);
  resize = {sides[0], sides[1]};
}

}  // namespace

std::string preprocessing_to_json(const Preprocessing& preprocessing) {
  const auto numbers = [](const std::vector<float>& values) {
    ordered_json list = ordered_json::array();
    for (const float value : values) list.push_back(json_number(value));
    return list;
  };
  const Resize& resize = preprocessing.resize;
  ordered_json out;
  if (resize.keeps_shape)
    out["resize"] = resize.short_side();
  else
    out["resize"] = {resize.height, resize.width};
  out["crop_width"] = preprocessing.crop_width;
  out["crop_height"] = preprocessing.crop_height;
  out["mean"] = numbers(preprocessing.mean);
  out["stddev"] = numbers(preprocessing.stddev);
  out["channel_order"] = preprocessing.bgr ? "bgr" : "rgb";
  // Earlier versions do not know these, and read models that do not need them.
  const Preprocessing usual;
  if (preprocessing.interpolation != usual.interpolation)
    out["interpolation"] = to_string(preprocessing.interpolation);
  if (preprocessing.antialias != usual.antialias) out["antialias"] = preprocessing.antialias;
  if (preprocessing.floor_crop != usual.floor_crop) out["floor_crop"] = preprocessing.floor_crop;
  return out.dump();
}

Preprocessing preprocessing_from_json(const std::string& text, const std::string& where) {
  const json root = parse_json(text, where);
  JsonObject object(root, where, "");
  // Earlier versions wrote "deviation".
  const char* stddev = object.has("deviation") ? "deviation" : "stddev";
  for (const char* key : {"resize", "crop_width", "crop_height", "mean", stddev, "channel_order"})
    object.need(key);
  Preprocessing preprocessing;
  std::string order, interpolation = to_string(preprocessing.interpolation);
  read_resize(object, preprocessing.resize);
  object.read("crop_width", preprocessing.crop_width);
  object.read("crop_height", preprocessing.crop_height);
  object.read("mean", preprocessing.mean);
  object.read(stddev, preprocessing.stddev);
  object.read("channel_order", order);
  object.read("interpolation", interpolation);
  object.read("antialias", preprocessing.antialias);
  object.read("floor_crop", preprocessing.floor_crop);
  object.finish();
  if (order != "rgb" && order != "bgr") object.fail("channel_order", "is neither rgb nor bgr");
  preprocessing.bgr = order == "bgr";
  const auto known = interpolation_from_string(interpolation);
  if (!known) object.fail("interpolation", "is not nearest, bilinear or bicubic");
  preprocessing.interpolation = *known;
  return preprocessing;
}

bool is_own_format(const TensorFile& file) {
  // Others write a format too: "pt" stands in most files from Python.
  const auto format = file.metadata.find("format");
  return format != file.metadata.end() && format->second.starts_with("alexnet");
}

StoredWeights read_own_model(TensorFile file, const std::string& where) {
  const auto text = [&](const char* key) -> const std::string& {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw DataError(where, fmt::format("is not a model of this program: its metadata has no '{}'", key));
    return found->second;
  };
  if (text("format") != kFormat)
    throw DataError(where, fmt::format("is not a model of this program: its format is '{}'", text("format")));
  if (text("version") != kVersion)
    throw DataError(
        where, fmt::format("is a model of version {}, which this program does not support", text("version")),
        "use a newer alexnet");
  StoredWeights model;
  model.spec = spec_from_json(text("spec"), where + ": spec");
  model.classes = classes_from_json(text("classes"), where + ": classes");
  model.preprocessing = preprocessing_from_json(text("preprocessing"), where + ": preprocessing");
  const std::string prefix = kProvenance;
  for (const auto& [key, value] : file.metadata)
    if (key.starts_with(prefix)) model.provenance[key.substr(prefix.size())] = value;
  // Files of earlier versions have none.
  if (const auto digest = file.metadata.find(kDigest); digest != file.metadata.end()) {
    if (digest->second.empty())
      throw DataError(where, "is damaged: its digest is empty", "restore it from a copy");
    model.digest = digest->second;
  }
  model.weights = std::move(file.tensors);
  if (auto image = model.weights.extract(kMeanImage))
    model.preprocessing->mean_image = std::move(image.mapped());
  return model;
}

std::map<std::string, std::string> own_metadata(const Model& model) {
  std::map<std::string, std::string> metadata = {
      {"format", kFormat},
      {"version", kVersion},
      {"spec", spec_to_json(model.spec)},
      {"classes", to_json(model.classes)},
      {"preprocessing", preprocessing_to_json(model.preprocessing)},
      {kDigest, digest_of(tensors_of(model))}};
  for (const auto& [key, value] : model.provenance) metadata[kProvenance + key] = value;
  return metadata;
}

}  // namespace alexnet
