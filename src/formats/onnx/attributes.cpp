#include "formats/onnx/attributes.h"

#include <fmt/format.h>

#include "alexnet/error.h"
#include "formats/onnx/messages.h"
#include "formats/onnx/wire.h"

namespace alexnet::onnx {

void refuse(const std::string& where, const StoredNode& node, const std::string& problem,
            const std::string& fix) {
  const std::string_view name = !node.name.empty()      ? node.name
                                : !node.outputs.empty() ? node.outputs.front()
                                                        : std::string_view();
  throw DataError(where, fmt::format("node '{}' ({}): {}", shown(name), shown(node.op), problem), fix);
}

Attributes::Attributes(const StoredNode& node, const std::string& where) : node_(node), where_(where) {
  try {
    auto fields = fields_of<NodeProto>(node.message);
    while (fields.next(NodeProto::attribute, protozero::pbf_wire_type::length_delimited)) {
      std::string_view name;
      Value value;
      auto attribute = fields_of<AttributeProto>(view_of(fields.get_view()));
      while (attribute.next()) switch (attribute.tag()) {
          case AttributeProto::name:
            name = bytes_of(attribute);
            break;
          case AttributeProto::i:
            value.integer = integer_of(attribute);
            break;
          case AttributeProto::f:
            value.real = float_of(attribute);
            break;
          case AttributeProto::s:
            value.text = bytes_of(attribute);
            break;
          case AttributeProto::t:
            value.tensor = bytes_of(attribute);
            break;
          case AttributeProto::ints:
            each_integer(attribute, [&](std::int64_t number) { value.integers.push_back(number); });
            break;
          case AttributeProto::floats:
            if (attribute.has_wire_type(protozero::pbf_wire_type::length_delimited))
              for (const float number : attribute.get_packed_float()) value.reals.push_back(number);
            else
              value.reals.push_back(float_of(attribute));
            break;
          case AttributeProto::ref_attr_name:
            refuse(where, node, "refers to the attribute of a function, which is not supported");
          default:
            attribute.skip();
        }
      if (!values_.emplace(name, std::move(value)).second) fail(name, "comes twice");
    }
  } catch (const protozero::exception&) {
    refuse(where, node, "its attributes are damaged");
  }
}

Attributes::Value* Attributes::find(std::string_view name) {
  const auto found = values_.find(name);
  if (found == values_.end()) return nullptr;
  found->second.used = true;
  return &found->second;
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t otherwise) {
  const Value* value = find(name);
  // A number that is 0 need not be there.
  return value == nullptr ? otherwise : value->integer.value_or(0);
}
float Attributes::real(std::string_view name, float otherwise) {
  const Value* value = find(name);
  return value == nullptr ? otherwise : value->real.value_or(0.0F);
}
std::string_view Attributes::text(std::string_view name, std::string_view otherwise) {
  const Value* value = find(name);
  return value == nullptr ? otherwise : value->text.value_or(std::string_view());
}
std::optional<std::vector<std::int64_t>> Attributes::integers(std::string_view name) {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : std::optional(value->integers);
}
std::optional<std::vector<float>> Attributes::reals(std::string_view name) {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : std::optional(value->reals);
}
std::optional<std::string_view> Attributes::tensor(std::string_view name) {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : value->tensor;
}

void Attributes::finish() const {
  for (const auto& [name, value] : values_)
    if (!value.used) fail(name, "is not known");
}

void Attributes::fail(std::string_view name, const std::string& problem) const {
  refuse(where_, node_, fmt::format("its attribute '{}' {}", shown(name), problem));
}

}  // namespace alexnet::onnx
