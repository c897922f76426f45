// Messages in protobuf's encoding, read without trust: protozero checks lengths, but takes a field for what
// it is asked for.
#pragma once

#include <cstdint>
#include <protozero/pbf_message.hpp>
#include <string_view>
#include <vector>

namespace alexnet::onnx {

template <class Message>
using Fields = protozero::pbf_message<Message>;

inline std::string_view view_of(const protozero::data_view& view) { return {view.data(), view.size()}; }

template <class Message>
Fields<Message> fields_of(std::string_view bytes) {
  return Fields<Message>(protozero::data_view(bytes.data(), bytes.size()));
}

template <class Message>
void require_type(const Fields<Message>& fields, protozero::pbf_wire_type type) {
  if (!fields.has_wire_type(type)) throw protozero::unknown_pbf_wire_type_exception();
}

/// A string, bytes or a message.
template <class Message>
std::string_view bytes_of(Fields<Message>& fields) {
  require_type(fields, protozero::pbf_wire_type::length_delimited);
  return view_of(fields.get_view());
}

/// Any whole number or enumerator.
template <class Message>
std::int64_t integer_of(Fields<Message>& fields) {
  require_type(fields, protozero::pbf_wire_type::varint);
  return fields.get_int64();
}

/// A repeated field of whole numbers, packed or one by one: each(number).
template <class Message, class Each>
void each_integer(Fields<Message>& fields, Each&& each) {
  if (!fields.has_wire_type(protozero::pbf_wire_type::length_delimited)) {
    each(integer_of(fields));
    return;
  }
  for (const std::int64_t number : fields.get_packed_int64()) each(number);
}

template <class Message>
float float_of(Fields<Message>& fields) {
  require_type(fields, protozero::pbf_wire_type::fixed32);
  return fields.get_float();
}

}  // namespace alexnet::onnx
