#include "formats/caffe/write_model.h"

#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <ostream>
#include <protozero/pbf_writer.hpp>
#include <span>

#include "alexnet/error.h"
#include "formats/caffe/binary.h"
#include "formats/caffe/make_network.h"
#include "formats/caffe/schema.h"
#include "formats/check_model.h"
#include "formats/describe_preparation.h"
#include "formats/element.h"
#include "formats/own_model.h"

namespace alexnet::caffe {
namespace {

constexpr const char* kMeanEnding = ".mean.binaryproto";
constexpr float kLevels = 255;
constexpr std::uint64_t kMaxFile = std::numeric_limits<std::int32_t>::max();  // protobuf's

/// The name of the mean image beside the file; empty: the model has none.
std::string mean_file(const Model& model, const std::string& name) {
  if (model.preprocessing.mean_image.values.empty()) return {};
  return std::filesystem::path(name).filename().replace_extension(kMeanEnding).string();
}

std::span<const float> values_of(const WrittenBlob& blob, const Model& model) {
  return blob.parameter.empty() ? std::span<const float>(blob.values)
                                : model.weights.at(blob.parameter).values;
}

std::string whole_blob(const Shape& shape, std::span<const float> values) {
  std::string bytes = blob_start(shape);
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

void add_metadata(const std::string& key, const std::string& value, std::string& to) {
  std::string entry;
  protozero::pbf_writer writer(entry);
  writer.add_string(kMetadataKey, key);
  writer.add_string(kMetadataValue, value);
  to += field_start(kMetadata, entry.size()) + entry;
}

/// For people who use the files elsewhere.
std::string description(const Model& model) {
  const Preprocessing& steps = model.preprocessing;
  const char* order = model.spec.input.channels != 3 ? "gray" : steps.bgr ? "BGR" : "RGB";
  const std::string scaling = describe_scaling(steps);
  return fmt::format(
      "# Written by alexnet. Input: {} images, pixels 0 to 255, scaled {}, then the centre {}x{} (width x "
      "height);\n"
      "# minus mean [{}], divided by standard deviation [{}].\n",
      order, scaling, steps.crop_width, steps.crop_height,
      steps.mean_image.values.empty() ? fmt::format("{}", fmt::join(steps.mean, ", ")) + " * 255" : "image",
      fmt::format("{}", fmt::join(steps.stddev, ", ")) + " * 255");
}

}  // namespace

void write_model(const Model& model, std::ostream& out, const std::string& name) {
  const MadeNetwork made = make_network(model, mean_file(model, name), name);
  std::string start;
  protozero::pbf_writer(start).add_string(kNetName, made.name);
  for (const auto& [key, value] : own_metadata(model))
    if (key != kDigest) add_metadata(key, value, start);  // other programs may change the weights
  if (const TensorView& image = model.preprocessing.mean_image; !image.values.empty())
    add_metadata(kMeanImage, whole_blob(image.shape, image.values), start);

  std::vector<std::string> starts;  // of the layers, up to their blobs
  std::uint64_t size = start.size();
  for (const WrittenLayer& layer : made.layers) {
    std::string fields = encode_layer(layer.message);
    std::uint64_t bytes = fields.size();
    for (const WrittenBlob& blob : layer.blobs) {
      const std::uint64_t inner = blob_start(blob.shape).size() + values_of(blob, model).size_bytes();
      bytes += field_start(kBlobs, inner).size() + inner;
    }
    starts.push_back(field_start(kLayer, bytes) + fields);
    size += starts.back().size() + bytes - fields.size();
  }
  if (size > kMaxFile)
    throw DataError(
        name,
        fmt::format("cannot be written for Caffe: it would have {:.1f} GB, but protobuf allows 2 GB",
                    static_cast<double>(size) / 1e9),
        "use another format, or a smaller network");
  out << start;
  for (std::size_t i = 0; i < made.layers.size(); ++i) {
    out << starts[i];
    for (const WrittenBlob& blob : made.layers[i].blobs) {
      const std::span<const float> values = values_of(blob, model);
      const std::string before = blob_start(blob.shape);
      out << field_start(kBlobs, before.size() + values.size_bytes()) << before;
      out.write(reinterpret_cast<const char*>(values.data()),
                static_cast<std::streamsize>(values.size_bytes()));
    }
  }
  require_written(out, name);
}

std::vector<SideFile> side_files(const Model& model, const std::string& name) {
  std::vector<SideFile> files = {
      {".prototxt",
       description(model) + to_text(make_network(model, mean_file(model, name), name).definition())}};
  if (const TensorView& image = model.preprocessing.mean_image; !image.values.empty()) {
    std::vector<float> levels(image.values.begin(), image.values.end());
    for (float& level : levels) level *= kLevels;
    Shape shape = image.shape;
    shape.insert(shape.begin(), 1);
    files.push_back({kMeanEnding, whole_blob(shape, levels)});
  }
  return files;
}

}  // namespace alexnet::caffe
