#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "formats/onnx/attributes.h"
#include "formats/onnx/constant.h"
#include "formats/onnx/messages.h"

namespace alexnet::onnx {

Constants::Constants(const StoredGraph& graph, ConstantReader& values, const std::string& where)
    : values_(values), where_(where) {
  for (const StoredTensor& tensor : graph.tensors)
    by_name_.insert_or_assign(tensor.name, Constant{.shape = tensor.shape, .stored = tensor});
}

const Constant* Constants::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

bool Constants::take(const StoredNode& node, std::int64_t opset) {
  if (node.outputs.empty() || !std::ranges::all_of(node.inputs, [&](std::string_view name) {
        return name.empty() || find(name) != nullptr;
      }))
    return false;
  by_name_.insert_or_assign(node.outputs.front(), computed(node, opset));
  return true;
}

Constant Constants::computed(const StoredNode& node, std::int64_t opset) const {
  if (node.op == "Constant") return of_node(node);
  if (node.inputs.empty() || node.inputs.front().empty()) refuse(where_, node, "the operator has no input");
  if (node.op == "ConstantOfShape") return filled(node);
  Constant constant = *find(node.inputs.front());
  // Numbers become float32 in any case.
  if (node.op == "Identity" || node.op == "Cast") return constant;
  if (node.op == "Transpose") return transposed(node, std::move(constant));
  if (node.op == "Unsqueeze" || node.op == "Squeeze") return with_ones(node, std::move(constant), opset);
  refuse(where_, node, "the operator is not supported for constants",
         "simplify the graph first, for example with onnxsim");
}

Constant Constants::of_node(const StoredNode& node) const {
  Attributes attributes(node, where_);
  if (const auto tensor = attributes.tensor("value")) {
    StoredTensor stored = parse_tensor(*tensor, where_);
    if (stored.name.empty() && !node.outputs.empty()) stored.name = node.outputs.front();
    Shape shape = stored.shape;
    return {.shape = std::move(shape), .stored = std::move(stored)};
  }
  std::vector<float> values;
  if (const auto reals = attributes.reals("value_floats")) values = *reals;
  if (const auto integers = attributes.integers("value_ints"))
    for (const std::int64_t number : *integers) values.push_back(static_cast<float>(number));
  Shape shape = {static_cast<std::int64_t>(values.size())};
  if (values.empty()) {
    constexpr std::int64_t kNone = -1;
    const std::int64_t integer = attributes.integer("value_int", kNone);
    values = {integer == kNone ? attributes.real("value_float", kNone) : static_cast<float>(integer)};
    shape = {};
  }
  attributes.finish();
  return {.shape = std::move(shape), .stored = std::nullopt, .reals = std::move(values)};
}

Constant Constants::filled(const StoredNode& node) const {
  Attributes attributes(node, where_);
  Constant result{.shape = values_.integers(*find(node.inputs.front())), .stored = std::nullopt};
  for (const std::int64_t extent : result.shape)
    if (extent < 0) refuse(where_, node, "its shape is negative");
  if (const auto value = attributes.tensor("value")) {
    StoredTensor stored = parse_tensor(*value, where_);
    if (stored.shape != Shape{1} && !stored.shape.empty()) attributes.fail("value", "is not one number");
    result.fill = values_.floats({.shape = stored.shape, .stored = stored}).values[0];
  }
  return result;
}

Constant Constants::transposed(const StoredNode& node, Constant constant) const {
  Attributes attributes(node, where_);
  const auto order = attributes.integers("perm");
  if (constant.shape.size() != 2) refuse(where_, node, "transposes a constant that is not a matrix");
  if (order == std::vector<std::int64_t>{0, 1}) return constant;
  if (order && *order != std::vector<std::int64_t>{1, 0})
    attributes.fail("perm", "is not an order of two axes");
  std::swap(constant.shape[0], constant.shape[1]);
  constant.transposed = !constant.transposed;
  return constant;
}

/// Axes of one value come or go: that of a bias.
Constant Constants::with_ones(const StoredNode& node, Constant constant, std::int64_t opset) const {
  constexpr int kAxesAreAnInput = 13;
  Attributes attributes(node, where_);
  std::optional<std::vector<std::int64_t>> axes = attributes.integers("axes");
  if (opset >= kAxesAreAnInput && node.inputs.size() > 1) axes = values_.integers(*find(node.inputs[1]));
  if (constant.transposed || !axes || axes->size() > 8 || constant.shape.size() > 8)
    refuse(where_, node, "the operator is not supported for this constant");
  Shape& shape = constant.shape;
  const bool more = node.op == "Unsqueeze";
  const auto rank = static_cast<std::int64_t>(shape.size() + (more ? axes->size() : 0));
  for (std::int64_t& axis : *axes) axis += axis < 0 ? rank : 0;
  std::ranges::sort(*axes);
  if (!more) std::ranges::reverse(*axes);
  for (const std::int64_t axis : *axes) {
    const auto size = static_cast<std::int64_t>(shape.size());
    if (axis < 0 || axis > (more ? size : size - 1) || (!more && shape[static_cast<std::size_t>(axis)] != 1))
      refuse(where_, node, "its axes do not fit its input");
    if (more)
      shape.insert(shape.begin() + axis, 1);
    else
      shape.erase(shape.begin() + axis);
  }
  return constant;
}

}  // namespace alexnet::onnx
