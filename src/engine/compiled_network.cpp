#include "engine/compiled_network.h"

#include <algorithm>

#include "alexnet/error.h"

namespace alexnet {

Convolution convolution_from_string(std::string_view name) {
  if (name == "auto") return Convolution::kAuto;
  if (name == "direct") return Convolution::kDirect;
  throw UsageError("convolution", "'" + std::string(name) + "' is not valid: expected auto or direct");
}

Precision precision_from_string(std::string_view name) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBf16, Precision::kInt8})
    if (name == to_string(precision)) return precision;
  throw UsageError("precision", "'" + std::string(name) + "' is not valid: expected f32, bf16 or int8");
}

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::kFloat32:
      return "f32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kInt8:
      return "int8";
  }
  return {};
}

bool is_frozen(const CompileOptions& options, std::size_t layer) {
  return !options.frozen.empty() && options.frozen[layer];
}

bool learns(const CompileOptions& options, std::size_t layer) {
  return options.training && options.parameter_gradients && !is_frozen(options, layer);
}

std::size_t first_learner(const NetworkSpec& spec, const CompileOptions& options) {
  const std::vector<ParameterInfo> all = parameters(spec);
  const auto first = std::ranges::find_if(
      all, [&](const ParameterInfo& info) { return info.trainable() && learns(options, info.layer); });
  return first == all.end() ? spec.layers.size() : first->layer;
}

namespace {

void check_count(const char* where, std::size_t given, std::size_t expected, const char* meaning) {
  if (given != expected)
    throw UsageError(where, std::to_string(given) + " values are not valid: expected " +
                                std::to_string(expected) + ", " + meaning);
}

}  // namespace

CompiledNetwork::CompiledNetwork(NetworkSpec spec, CompileOptions options)
    : spec_(std::move(spec)), options_(std::move(options)) {
  if (options_.batch < 1) throw UsageError("batch", "must be at least 1");
  if (spec_.layers.empty()) throw UsageError(spec_.name, "the network has no layers");
  // Throws when a layer cannot work on its input.
  classes_ = static_cast<std::size_t>(output_shapes(spec_).back().size());
  for (const std::string& layer : options_.outputs) layer_index(spec_, layer);
  if (!options_.frozen.empty() && options_.frozen.size() != spec_.layers.size())
    throw UsageError("frozen", "must say of every layer whether it is");
  if (options_.update && !has_gradients())
    throw UsageError("update", "needs the gradients of the parameters",
                     "set CompileOptions::training and parameter_gradients");
  if (options_.update && !options_.update->layer_lr.empty() &&
      options_.update->layer_lr.size() != spec_.layers.size())
    throw UsageError("update", "must have a learning rate for every layer, or none");
  if (!options_.input_gradient) first_backward_layer_ = first_learner(spec_, options_);
}

void CompiledNetwork::check(const NamedTensors& weights) const {
  for (const auto* layout : {&parameter_layout_, &statistics_layout_})
    for (const SlabEntry& entry : *layout) find_tensor(weights, entry.info);
}

const TensorView& CompiledNetwork::find_tensor(const NamedTensors& weights, const ParameterInfo& info) {
  const auto found = weights.find(info.name);
  if (found == weights.end())
    throw DataError(info.name, "the network needs this tensor, but the weights do not contain it");
  if (found->second.shape != info.shape)
    throw DataError(info.name, "has shape " + alexnet::to_string(found->second.shape) +
                                   ", the network needs " + alexnet::to_string(info.shape));
  return found->second;
}

std::size_t CompiledNetwork::output_index(std::string_view layer) const {
  const std::size_t index = layer_index(spec_, std::string(layer));
  const std::size_t last = spec_.layers.size() - 1;
  const bool logits = index + 1 == last && std::holds_alternative<Softmax>(spec_.layers[last].kind);
  if (index != last && !logits && std::ranges::find(options_.outputs, layer) == options_.outputs.end())
    throw UsageError(std::string(layer), "its output was not requested when the network was compiled",
                     "name it in CompileOptions::outputs");
  return index;
}

void CompiledNetwork::check_targets(const Targets& targets, const LossOptions& options) const {
  const auto rows = static_cast<std::size_t>(options_.batch);
  check_count("labels", targets.labels.size(), rows, "one for each image of the batch");
  const bool mixed = !targets.others.empty() || !targets.fractions.empty();
  if (mixed) {
    check_count("other labels", targets.others.size(), rows, "one for each image of the batch");
    check_count("fractions", targets.fractions.size(), rows, "one for each image of the batch");
  }
  if (!options.class_weights.empty())
    check_count("class weights", options.class_weights.size(), classes_, "one for each class");
  for (const std::span<const int> labels : {targets.labels, targets.others})
    for (const int label : labels)
      if (label < 0 || static_cast<std::size_t>(label) >= classes_)
        throw UsageError(
            "labels", std::to_string(label) + " is not valid: expected 0 to " + std::to_string(classes_ - 1));
}

void CompiledNetwork::check_logits_gradient(std::span<const float> values) const {
  if (!options_.training)
    throw UsageError("logits gradient", "the network was compiled for inference",
                     "set CompileOptions::training");
  check_count("logits gradient", values.size(), static_cast<std::size_t>(options_.batch) * classes_,
              "one value for each logit of the batch");
}

void CompiledNetwork::check_input_gradient() const {
  if (!options_.training || !options_.input_gradient)
    throw UsageError("input gradient", "was not requested when the network was compiled",
                     "set CompileOptions::training and input_gradient");
}

NamedTensors CompiledNetwork::save() {
  NamedTensors tensors;
  const auto copy = [&](const std::vector<SlabEntry>& layout, SlabId slab) {
    for (const SlabEntry& entry : layout) {
      Tensor tensor(entry.info.shape);
      read(slab, entry, tensor.values);
      tensors.emplace(entry.info.name, TensorView::own(std::move(tensor)));
    }
  };
  copy(parameter_layout_, SlabId::kParameters);
  copy(statistics_layout_, SlabId::kStatistics);
  return tensors;
}

CompiledNetwork::ReadyReport::ReadyReport(const CompiledNetwork& network, const GradientsReady& ready)
    : layout_(network.parameter_layout_),
      ready_(ready),
      reported_(layout_.empty() ? 0 : layout_.back().offset + layout_.back().count) {}

void CompiledNetwork::ReadyReport::from_layer(std::size_t layer) {
  if (!ready_) return;
  const auto first =
      std::ranges::find_if(layout_, [layer](const SlabEntry& entry) { return entry.info.layer >= layer; });
  if (first == layout_.end() || first->offset >= reported_) return;
  reported_ = first->offset;
  any_ = true;
  ready_(reported_);
}

void CompiledNetwork::ReadyReport::finish() {
  if (ready_ && (!any_ || reported_ > 0)) ready_(0);
}

}  // namespace alexnet
