#include "formats/families/torchvision_alexnet.h"

#include <optional>
#include <string_view>
#include <utility>

#include "alexnet/presets.h"
#include "formats/describe_preparation.h"
#include "formats/number_classes.h"

namespace alexnet {
namespace {

constexpr int kSide = 224;
constexpr std::string_view kFirst = "features.0.weight", kHead = "classifier.6.weight";

// Indices into nn.Sequential, and the layers of preset owt.
constexpr std::pair<std::string_view, std::string_view> kLayers[] = {
    {"features.0", "conv1"},  {"features.3", "conv2"}, {"features.6", "conv3"}, {"features.8", "conv4"},
    {"features.10", "conv5"}, {"classifier.1", "fc6"}, {"classifier.4", "fc7"}, {"classifier.6", "fc8"}};

/// "features.0.weight" of "conv1.weight".
std::string their_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  for (const auto& [theirs, ours] : kLayers)
    if (std::string_view(name).substr(0, dot) == ours) return std::string(theirs) + name.substr(dot);
  return {};
}

/// The family's names behind a prefix, by canonical name; nothing where the tensors are others.
using Names = std::map<std::string, std::string>;
std::optional<Names> names_behind(const std::string& prefix, const NamedTensors& tensors,
                                  const NetworkSpec& spec) {
  Names names;
  for (const ParameterInfo& info : parameters(spec)) {
    const std::string name = prefix + their_name(info.name);
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.shape != info.shape) return std::nullopt;
    names.emplace(info.name, name);
  }
  std::size_t inside = 0;
  for (const auto& [name, tensor] : tensors)
    if (name.starts_with(prefix + "features.") || name.starts_with(prefix + "classifier.")) ++inside;
  // Layers between them, such as batch normalisation, make another network.
  return inside == names.size() ? std::optional(names) : std::nullopt;
}

NetworkSpec network(int classes) {
  const Preset& preset = find_preset("owt");
  return preset.build(kSide, kSide, preset.channels, classes, 0);
}

/// Renames the tensors; those beside them are put aside.
void take(const Names& names, StoredWeights& stored) {
  Origin& origin = stored.origin;
  NamedTensors weights;
  std::map<std::string, TensorSource> sources;
  for (const auto& [ours, theirs] : names) {
    auto tensor = stored.weights.extract(theirs);
    const auto source = origin.sources.extract(theirs);
    sources.emplace(ours, source ? source.mapped() : TensorSource{theirs, tensor.mapped().shape});
    weights.emplace(ours, std::move(tensor.mapped()));
  }
  for (const auto& [name, tensor] : stored.weights) {
    const auto source = origin.sources.find(name);
    origin.ignored.emplace(source == origin.sources.end() ? name : source->second.name,
                           "is not part of torchvision's AlexNet");
  }
  stored.weights = std::move(weights);
  origin.sources = std::move(sources);
}

void assume_preparation(StoredWeights& stored) {
  const bool stated = stored.preprocessing.has_value();
  if (!stated)
    stored.preprocessing = Preprocessing{.resize = 256,
                                         .crop_width = kSide,
                                         .crop_height = kSide,
                                         .mean = {0.485F, 0.456F, 0.406F},
                                         .stddev = {0.229F, 0.224F, 0.225F}};
  describe_preparation(*stored.preprocessing, stated ? Assumption::From::kFile : Assumption::From::kFamily,
                       stored.origin.assumptions);
}

void make_model(const Names& names, NetworkSpec spec, StoredWeights& stored) {
  take(names, stored);
  stored.spec = std::move(spec);
  const auto family = [&](const char* what, const char* value) {
    stored.origin.assumptions.push_back({what, value, Assumption::From::kFamily});
  };
  stored.origin.family = "torchvision AlexNet";
  for (const auto& [theirs, ours] : kLayers) stored.origin.layers.emplace(ours, theirs);
  family("network", "preset owt, 224x224x3: ReLU, max pooling 3x3/2 rounded down, no normalisation");
  family("flatten order", "channels, height, width");
  family("outputs", "logits, to which softmax is applied");
  assume_preparation(stored);
  if (stored.classes.empty()) number_classes(stored);
}

}  // namespace

void recognise_torchvision_alexnet(StoredWeights& stored) {
  constexpr std::int64_t kMostClasses = 1'000'000;
  for (const auto& [name, tensor] : stored.weights) {
    if (!name.ends_with(kFirst)) continue;
    const std::string prefix = name.substr(0, name.size() - kFirst.size());
    const auto head = stored.weights.find(prefix + std::string(kHead));
    if (head == stored.weights.end() || head->second.shape.size() != 2) continue;
    const std::int64_t classes = head->second.shape[0];
    if (classes < 1 || classes > kMostClasses) continue;
    NetworkSpec spec = network(static_cast<int>(classes));
    if (const auto names = names_behind(prefix, stored.weights, spec))
      return make_model(*names, std::move(spec), stored);
  }
}

}  // namespace alexnet
