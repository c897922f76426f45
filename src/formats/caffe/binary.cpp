#include "formats/caffe/binary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include "alexnet/error.h"
#include "formats/caffe/schema.h"
#include "formats/element.h"

namespace alexnet::caffe {
namespace {

using Reader = protozero::pbf_reader;
using Wire = protozero::pbf_wire_type;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::string_view view_of(Reader& field) {
  const auto view = field.get_view();
  return {view.data(), view.size()};
}
Reader reader_of(std::string_view bytes) { return Reader(protozero::data_view(bytes.data(), bytes.size())); }

/// Protozero checks lengths, but takes a field for what it is asked for.
void require(const Reader& field, Wire type) {
  if (field.wire_type() != type) throw protozero::unknown_pbf_wire_type_exception();
}
std::string_view bytes_of(Reader& field) {
  require(field, Wire::length_delimited);
  return view_of(field);
}

/// Calls read(), and turns protozero's exceptions into a DataError.
template <class Read>
auto checked(const std::string& where, Read&& read) {
  try {
    return read();
  } catch (const protozero::exception&) {
    throw DataError(where, "is not a whole Caffe file",
                    "the file was probably truncated or damaged when it was copied");
  }
}

const FieldType* find(const MessageType& type, std::uint32_t number) {
  const auto found = std::ranges::find(type.fields, number, &FieldType::number);
  return found == type.fields.end() ? nullptr : &*found;
}
const FieldType* find(const MessageType& type, std::string_view name) {
  const auto found = std::ranges::find(type.fields, name, &FieldType::name);
  return found == type.fields.end() ? nullptr : &*found;
}

std::string text_of_number(const FieldType& type, std::int64_t number) {
  if (type.type == Type::kBool) return number == 0 ? "false" : "true";
  if (type.type == Type::kEnum && number >= 0 && static_cast<std::size_t>(number) < type.enumerators.size())
    return std::string(type.enumerators[static_cast<std::size_t>(number)]);
  return std::to_string(number);
}

class MessageReader {
 public:
  MessageReader(StoredNetwork& result, const std::string& where) : result_(result), where_(where) {}

  Message read(std::string_view bytes, const MessageType& type, std::vector<StoredBlob>* blobs) {
    Message message;
    Reader field = reader_of(bytes);
    while (field.next()) {
      const FieldType* known = find(type, field.tag());
      if (known != nullptr) {
        read_field(field, *known, message, blobs);
      } else {
        if (type.others_matter) {
          count();
          message.add(fmt::format("field {}", field.tag()), "");
        }
        field.skip();
      }
    }
    return message;
  }

  /// A network: layers and their blobs, and this program's metadata.
  void read_network(std::string_view bytes) {
    Reader field = reader_of(bytes);
    while (field.next()) {
      const std::uint32_t number = field.tag();
      const FieldType* known = find(kNetParameter, number);
      if (number == kLayer || number == kLayersV1)
        read_layer(bytes_of(field), *known);
      else if (number == kMetadata)
        read_metadata(bytes_of(field));
      else if (known != nullptr)
        read_field(field, *known, result_.network, nullptr);
      else
        field.skip();
    }
  }

  static StoredBlob read_blob(std::string_view bytes) {
    StoredBlob blob{{}, bytes};
    Shape old;
    Reader field = reader_of(bytes);
    while (field.next()) switch (field.tag()) {
        case kBlobNum:
        case kBlobChannels:
        case kBlobHeight:
        case kBlobWidth:
          require(field, Wire::varint);
          old.resize(4);
          old[field.tag() - kBlobNum] = field.get_int32();
          break;
        case kBlobShape:
          read_shape(bytes_of(field), blob.shape);
          break;
        default:
          field.skip();
      }
    if (blob.shape.empty()) blob.shape = std::move(old);
    return blob;
  }

 private:
  static void read_shape(std::string_view bytes, Shape& shape) {
    constexpr std::size_t kMost = 32;  // Caffe's
    Reader field = reader_of(bytes);
    const auto add = [&](std::int64_t extent) {
      if (shape.size() == kMost) throw protozero::invalid_length_exception();
      shape.push_back(extent);
    };
    while (field.next())
      if (field.tag() != kShapeDim)
        field.skip();
      else if (field.wire_type() == Wire::varint)
        add(field.get_int64());
      else
        for (const std::int64_t extent : (require(field, Wire::length_delimited), field.get_packed_int64()))
          add(extent);
  }

  void read_layer(std::string_view bytes, const FieldType& type) {
    count();
    std::vector<StoredBlob> blobs;
    Message layer = read(bytes, *type.message, &blobs);
    // One without weights may have the name of another; the last one with weights counts, as in Caffe.
    if (const std::string* name = layer.find("name"); name != nullptr && !blobs.empty())
      result_.blobs.insert_or_assign(*name, std::move(blobs));
    result_.network.add(type.name, std::move(layer));
  }

  void read_metadata(std::string_view bytes) {
    count();
    std::string key;
    std::string_view value;
    Reader field = reader_of(bytes);
    while (field.next())
      if (field.tag() == kMetadataKey)
        key = bytes_of(field);
      else if (field.tag() == kMetadataValue)
        value = bytes_of(field);
      else
        field.skip();
    result_.metadata.insert_or_assign(std::move(key), value);
  }

  void read_field(Reader& field, const FieldType& type, Message& message, std::vector<StoredBlob>* blobs) {
    count();
    switch (type.type) {
      case Type::kMessage:
        message.add(type.name, read(bytes_of(field), *type.message, nullptr));
        break;
      case Type::kBlob:
        blobs->push_back(read_blob(bytes_of(field)));
        break;
      case Type::kText:
        message.add(type.name, std::string(bytes_of(field)));
        break;
      case Type::kFloat:
        if (field.wire_type() == Wire::length_delimited) {
          for (const float number : field.get_packed_float()) add(message, type, number);
        } else {
          require(field, Wire::fixed32);
          add(message, type, field.get_float());
        }
        break;
      default:
        if (field.wire_type() == Wire::length_delimited) {
          for (const std::int64_t number : field.get_packed_int64())
            add(message, type, text_of_number(type, number));
        } else {
          require(field, Wire::varint);
          add(message, type, text_of_number(type, field.get_int64()));
        }
    }
  }

  template <class Number>
  void add(Message& message, const FieldType& type, const Number& number) {
    count();
    message.add(type.name, number);
  }

  void count() {
    if (++fields_ > kMaxFields) throw DataError(where_, fmt::format("has more than {} fields", kMaxFields));
  }

  StoredNetwork& result_;
  const std::string& where_;
  std::size_t fields_ = 0;
};

void encode(const Message& message, const MessageType& type, std::string& bytes);

void encode(const Field& field, const FieldType& type, protozero::pbf_writer& to) {
  const std::string nowhere;
  if (field.message) {
    std::string inner;
    encode(*field.message, *type.message, inner);
    to.add_message(type.number, inner);
    return;
  }
  switch (type.type) {
    case Type::kInt:
      to.add_int64(type.number, to_int(field.value, nowhere));
      break;
    case Type::kFloat:
      to.add_float(type.number, to_float(field.value, nowhere));
      break;
    case Type::kBool:
      to.add_bool(type.number, to_bool(field.value, nowhere));
      break;
    case Type::kEnum:
      to.add_enum(type.number, static_cast<std::int32_t>(std::ranges::find(type.enumerators, field.value) -
                                                         type.enumerators.begin()));
      break;
    default:
      to.add_string(type.number, field.value);
  }
}

void encode(const Message& message, const MessageType& type, std::string& bytes) {
  protozero::pbf_writer to(bytes);
  for (const Field& field : message.fields()) encode(field, *find(type, field.name), to);
}

}  // namespace

std::optional<bool> looks_like_network(std::span<const std::byte> bytes) {
  // The name comes first, or the first layer. Other files that protobuf wrote may begin with a text, too.
  constexpr std::size_t kMostFields = 1000;
  constexpr std::uint32_t kFirstOther = 9;
  std::size_t fields = 0;
  try {
    Reader field = reader_of(text_of(bytes));
    while (field.next()) {
      const std::uint32_t number = field.tag();
      if (number == kLayer || number == kLayersV1) {
        if (field.wire_type() != Wire::length_delimited) return false;
        Reader layer = reader_of(view_of(field));
        while (layer.next()) layer.skip();
        return true;
      }
      if ((number >= kFirstOther && number != kMetadata) || ++fields > kMostFields) return false;
      if (number == kNetName && field.wire_type() != Wire::length_delimited) return false;
      field.skip();
    }
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

StoredNetwork parse_network(std::span<const std::byte> bytes, const std::string& where) {
  return checked(where, [&] {
    StoredNetwork result;
    MessageReader(result, where).read_network(text_of(bytes));
    return result;
  });
}

StoredBlob parse_blob(std::string_view bytes, const std::string& where) {
  return checked(where, [&] { return MessageReader::read_blob(bytes); });
}

Tensor values_of(const StoredBlob& blob, const std::string& where) {
  return checked(where, [&] {
    const auto needed = byte_count(blob.shape, Element::kF32);
    std::vector<float> values;
    Reader field = reader_of(blob.message);
    const auto take = [&](Element element) {
      const std::string_view bytes = view_of(field);
      const std::size_t count = bytes.size() / element_size(element);
      if (count * element_size(element) != bytes.size()) throw protozero::invalid_length_exception();
      values.resize(values.size() + count);
      to_float(element, std::as_bytes(std::span(bytes)), std::span(values).last(count));
    };
    while (field.next()) {
      const std::uint32_t number = field.tag();
      if (number != kBlobData && number != kBlobDoubles)
        field.skip();
      else if (field.wire_type() == Wire::length_delimited)
        take(number == kBlobData ? Element::kF32 : Element::kF64);
      else if (number == kBlobData)
        values.push_back((require(field, Wire::fixed32), field.get_float()));
      else
        values.push_back((require(field, Wire::fixed64), static_cast<float>(field.get_double())));
    }
    if (needed != values.size() * sizeof(float))
      throw DataError(where, fmt::format("has {} values, but its shape {} needs another number",
                                         values.size(), to_string(blob.shape)));
    return Tensor(blob.shape, std::move(values));
  });
}

std::string encode_layer(const Message& layer) {
  std::string bytes;
  encode(layer, *find(kNetParameter, kLayer)->message, bytes);
  return bytes;
}

std::string field_start(std::uint32_t field, std::uint64_t length) {
  constexpr std::uint32_t kLengthDelimited = 2;
  std::string start;
  protozero::add_varint_to_buffer(&start, field << 3 | kLengthDelimited);
  protozero::add_varint_to_buffer(&start, length);
  return start;
}

std::string blob_start(const Shape& shape) {
  std::string bytes, dims;
  protozero::pbf_writer(dims).add_packed_int64(kShapeDim, shape.begin(), shape.end());
  protozero::pbf_writer(bytes).add_message(kBlobShape, dims);
  return bytes + field_start(kBlobData, static_cast<std::uint64_t>(element_count(shape)) * sizeof(float));
}

}  // namespace alexnet::caffe
