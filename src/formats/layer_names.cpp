#include "formats/layer_names.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace alexnet {
namespace {

std::string kind_of(const LayerKind& layer) {
  constexpr std::array<const char*, std::variant_size_v<LayerKind>> kKinds = {
      "conv", "", "bn", "norm", "pool", "drop", "flatten", "fc", "prob"};
  const auto* activation = std::get_if<Activation>(&layer);
  if (activation == nullptr) return kKinds[layer.index()];
  switch (activation->kind) {
    case Activation::Kind::kRelu:
      return "relu";
    case Activation::Kind::kTanh:
      return "tanh";
    case Activation::Kind::kSigmoid:
      return "sigmoid";
  }
  return "";
}

}  // namespace

std::string LayerNames::next(const LayerKind& layer) {
  if (std::holds_alternative<Conv>(layer) || std::holds_alternative<Dense>(layer))
    block_ += std::exchange(first_block_, false) ? 0 : 1;
  std::string name = kind_of(layer);
  if (!std::holds_alternative<Softmax>(layer) && !std::holds_alternative<Flatten>(layer))
    name += std::to_string(block_);
  if (const int before = names_[name]++; before > 0) name += fmt::format("_{}", before + 1);
  return name;
}

}  // namespace alexnet
