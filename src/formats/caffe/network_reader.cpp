#include "formats/caffe/network_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "formats/caffe/layer_reader.h"
#include "formats/caffe/parameters.h"
#include "formats/caffe/schema.h"

namespace alexnet::caffe {
namespace {

/// Whether a rule is met in Caffe's state of a test: no levels, no stages.
bool is_met(const Message& rule, const char* phase, const std::string& where) {
  if (const std::string* wanted = rule.find("phase"); wanted != nullptr && *wanted != phase) return false;
  if (const std::string* min = rule.find("min_level"); min != nullptr && to_int(*min, where) > 0)
    return false;
  if (const std::string* max = rule.find("max_level"); max != nullptr && to_int(*max, where) < 0)
    return false;
  return rule.find("stage") == nullptr;
}

bool is_in_phase(const Message& layer, const char* phase, const std::string& where) {
  const auto includes = layer.messages("include"), excludes = layer.messages("exclude");
  const auto met = [&](const Message* rule) { return is_met(*rule, phase, where); };
  return includes.empty() ? std::ranges::none_of(excludes, met) : std::ranges::any_of(includes, met);
}

bool is_data(std::string_view kind) {
  for (const std::string_view known :
       {"Data", "ImageData", "MemoryData", "WindowData", "HDF5Data", "DummyData"})
    if (kind == known) return true;
  return false;
}

class NetworkReader {
 public:
  NetworkReader(const Message& network, const Blobs& blobs, const std::string& where)
      : network_(network), blobs_(blobs), where_(where) {}

  ReadNetwork read() {
    define_layers();
    if (const std::string* name = network_.find("name"))
      for (const char c : *name)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '/') result_.spec.name += c;
    read_input();
    LayerReader reader(where_, result_);
    for (const Definition& layer : layers_) read_layer(layer, reader);
    if (result_.spec.layers.empty()) throw DataError(where_, "has no layers");
    try {
      output_shapes(result_.spec);
    } catch (const UsageError& error) {
      throw DataError(where_, fmt::format("its network is not valid: {}", error.what()));
    }
    return std::move(result_);
  }

  StatedInput read_stated() {
    define_layers();
    const auto input = std::ranges::find(layers_, "Input", &Definition::kind);
    if (data_) read_preparation(*data_);
    if (!data_ && input != layers_.end()) read_preparation(*input);
    return std::move(result_.input);
  }

 private:
  void define_layers() {
    std::vector<const Message*> all = network_.messages("layer");
    const bool is_v1 = all.empty();
    if (is_v1) all = network_.messages("layers");
    for (const Message* message : all) {
      if (is_v1 && message->message("layer") != nullptr)
        throw DataError(where_, "is of the oldest form of Caffe's format",
                        "upgrade it with Caffe's upgrade_net_proto_binary or upgrade_net_proto_text");
      const auto text = [&](const char* name) {
        const std::string* value = message->find(name);
        return value == nullptr ? std::string() : *value;
      };
      Definition layer{message, text("name"), text("type"), message->all("bottom"), message->all("top")};
      if (is_v1) layer.kind = kind_of_v1(layer.kind);
      if (is_data(layer.kind)) {
        const bool tests = is_in_phase(*message, "TEST", where_);
        if (!data_ || (tests && !data_tests_)) {
          data_ = layer;
          data_tests_ = tests;
        }
      } else if (is_in_phase(*message, "TEST", where_)) {
        layers_.push_back(std::move(layer));
      }
    }
  }

  void read_input() {
    std::vector<int> dims;
    std::string name;
    const Definition* input = nullptr;
    if (const std::string* named = network_.find("input")) {
      name = *named;
      if (network_.all("input").size() != 1)
        throw DataError(where_, "has several inputs, which is not supported");
      for (const std::string& dim : network_.all("input_dim")) dims.push_back(to_int(dim, where_));
      if (const Message* shape = network_.message("input_shape")) dims = dims_of(*shape);
    } else if (const auto found = std::ranges::find(layers_, "Input", &Definition::kind);
               found != layers_.end()) {
      input = &*found;
      const Message* parameters = input->message->message("input_param");
      const Message* shape = parameters == nullptr ? nullptr : parameters->message("shape");
      if (shape == nullptr || input->tops.size() != 1)
        input->refuse(where_, "does not say the shape of one input");
      name = input->tops[0];
      dims = dims_of(*shape);
    }
    if (input == nullptr && data_) input = &*data_;
    if (input != nullptr) read_preparation(*input);
    if (dims.empty() && data_ && !data_->tops.empty()) {
      name = data_->tops[0];
      dims = dims_of_data();
    }
    if (dims.size() != 4)
      throw DataError(where_, "does not say the size of its input",
                      "name the network's deploy.prototxt: --network FILE");
    result_.spec.input = {dims[1], dims[2], dims[3]};
    for (const int extent : {dims[1], dims[2], dims[3]})
      if (extent < 1 || extent > kLargestSide)
        throw DataError(where_, fmt::format("has an input of {}x{}x{}", dims[1], dims[2], dims[3]));
    current_ = {name};
  }

  std::vector<int> dims_of(const Message& shape) {
    std::vector<int> dims;
    for (const std::string& dim : shape.all("dim")) dims.push_back(to_int(dim, where_));
    return dims;
  }

  /// A data layer does not say how many channels its images have; the weights behind it do.
  std::vector<int> dims_of_data() {
    if (const Message* memory = data_->message->message("memory_data_param")) {
      std::vector<int> dims = {1};
      for (const char* name : {"channels", "height", "width"})
        if (const std::string* value = memory->find(name)) dims.push_back(to_int(*value, where_));
      return dims;
    }
    const StatedInput& stated = result_.input;
    const int height = stated.crop > 0 ? stated.crop : stated.new_height,
              width = stated.crop > 0 ? stated.crop : stated.new_width;
    const auto first = std::ranges::find(layers_, "Convolution", &Definition::kind);
    if (first == layers_.end() || height < 1 || width < 1) return {};
    const StoredBlob* weights = blobs_.find(first->name, 0);
    if (weights == nullptr || weights->shape.size() != 4) return {};
    Parameters parameters(*first, "convolution_param", where_);
    const std::int64_t channels = weights->shape[1] * parameters.integer("group", 1, 1, kLargestSide);
    if (channels < 1 || channels > kLargestSide) return {};
    return {1, static_cast<int>(channels), height, width};
  }

  void read_preparation(const Definition& layer) {
    StatedInput& stated = result_.input;
    // Older files have some of it elsewhere.
    for (const char* place : {"data_param", "image_data_param", "transform_param"}) {
      const Message* message = layer.message->message(place);
      if (message == nullptr) continue;
      const auto size = [&](const char* name, int& value) {
        if (const std::string* text = message->find(name)) value = to_int(*text, where_);
      };
      size("crop_size", stated.crop);
      size("new_height", stated.new_height);
      size("new_width", stated.new_width);
      for (const std::string& mean : message->all("mean_value"))
        stated.mean.push_back(to_float(mean, where_));
      if (const std::string* file = message->find("mean_file")) stated.mean_file = *file;
      if (const std::string* scale = message->find("scale")) stated.scale = to_float(*scale, where_);
      if (const std::string* mirror = message->find("mirror")) stated.mirror = to_bool(*mirror, where_);
      stated.stated = stated.stated || !message->fields().empty();
    }
  }

  void read_layer(const Definition& layer, LayerReader& reader) {
    if (layer.kind == "Input" || layer.kind == "Accuracy" || layer.kind == "Silence") return;
    const bool is_loss = layer.kind == "SoftmaxWithLoss";  // its second input are labels
    if (layer.bottoms.empty() || !current_.contains(layer.bottoms[0]) ||
        (layer.bottoms.size() > 1 && !is_loss))
      layer.refuse(
          where_,
          layer.bottoms.size() > 1 ? "has several inputs" : "does not read the output of the layer before it",
          "only networks that are chains of layers are supported");
    reader.read(layer);
    current_ = {layer.tops.begin(), layer.tops.end()};
  }

  static constexpr int kLargestSide = 65'536;

  const Message& network_;
  const Blobs& blobs_;
  const std::string& where_;
  ReadNetwork result_;
  std::vector<Definition> layers_;
  std::optional<Definition> data_;
  bool data_tests_ = false;
  std::set<std::string> current_;  // names of the value that the next layer reads
};

}  // namespace

const StoredBlob* Blobs::find(const std::string& layer, std::size_t blob) const {
  const auto found = stored_.find(layer);
  return found == stored_.end() || blob >= found->second.size() ? nullptr : &found->second[blob];
}

StatedInput read_stated_input(const Message& network, const std::string& where) {
  const std::map<std::string, std::vector<StoredBlob>> none;
  return NetworkReader(network, Blobs(none), where).read_stated();
}

ReadNetwork read_network(const Message& network, const Blobs& blobs, const std::string& where) {
  return NetworkReader(network, blobs, where).read();
}

}  // namespace alexnet::caffe
