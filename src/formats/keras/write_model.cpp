#include "formats/keras/write_model.h"

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "formats/hdf5/write_hdf5.h"
#include "formats/keras/make_config.h"
#include "formats/own_model.h"
#include "formats/permuted.h"
#include "formats/zip/zip_writer.h"

namespace alexnet::keras {
namespace {

using nlohmann::json;

constexpr const char* kVersion = "3.0.0";  // the first that reads such files

json metadata_of(const Model& model) {
  json own = json::object();
  for (const auto& [key, value] : own_metadata(model))
    if (key != kDigest) own[key] = value;  // other programs may change the weights and keep the metadata
  return {{"keras_version", kVersion}, {kMetadataKey, std::move(own)}};
}

std::string text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

void write_model(const Model& model, std::ostream& out, const std::string& name) {
  const json config = make_config(model.spec, name);
  const std::vector<WrittenArray> arrays = make_arrays(model.spec, name);
  std::vector<hdf5::NewArray> places;
  std::uint64_t size = 0;
  for (const WrittenArray& array : arrays) {
    places.push_back({array.path, array.shape});
    size += static_cast<std::uint64_t>(element_count(array.shape)) * sizeof(float);
  }
  const std::string start = hdf5::hdf5_without_values(places);
  ZipWriter zip(out, name);
  zip.add("metadata.json", text(metadata_of(model)));
  zip.add("config.json", text(config));
  zip.begin("model.weights.h5", start.size() + size);
  zip.write(std::as_bytes(std::span(start)));
  for (const WrittenArray& array : arrays) {
    const std::span<const float> values = model.weights.at(array.parameter).values;
    if (array.permutation.empty())
      zip.write(std::as_bytes(values));
    else
      zip.write(std::as_bytes(std::span<const float>(permuted(values, array.view, array.permutation))));
  }
  zip.finish();
}

}  // namespace alexnet::keras
