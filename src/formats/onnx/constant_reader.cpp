#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "formats/element.h"
#include "formats/neighbours.h"
#include "formats/onnx/constant.h"
#include "formats/onnx/messages.h"
#include "formats/onnx/wire.h"

namespace alexnet::onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::pair<int, Element> kElements[] = {
    {kFloat, Element::kF32},    {kUint8, Element::kU8},   {kInt8, Element::kI8},    {kUint16, Element::kU16},
    {kInt16, Element::kI16},    {kInt32, Element::kI32},  {kInt64, Element::kI64},  {kBool, Element::kU8},
    {kFloat16, Element::kF16},  {kDouble, Element::kF64}, {kUint32, Element::kU32}, {kUint64, Element::kU64},
    {kBfloat16, Element::kBf16}};

std::optional<Element> element_of(int type) {
  for (const auto& [number, element] : kElements)
    if (number == type) return element;
  return std::nullopt;
}

/// The low bytes of a number, which a field of 64 bits holds.
void append(std::string& bytes, std::int64_t number, std::size_t size) {
  bytes.append(reinterpret_cast<const char*>(&number), size);
}

/// The values of typed fields as they would lie in raw_data.
std::string decode(const StoredTensor& tensor, std::size_t size) {
  std::string bytes;
  auto fields = fields_of<TensorProto>(tensor.message);
  while (fields.next()) switch (fields.tag()) {
      case TensorProto::int32_data:
      case TensorProto::int64_data:
      case TensorProto::uint64_data:
        each_integer(fields, [&](std::int64_t number) { append(bytes, number, size); });
        break;
      case TensorProto::float_data:
      case TensorProto::double_data:
        if (fields.has_wire_type(protozero::pbf_wire_type::length_delimited)) {
          bytes += bytes_of(fields);
        } else if (fields.has_wire_type(protozero::pbf_wire_type::fixed32)) {
          append(bytes, fields.get_fixed32(), sizeof(float));
        } else {
          require_type(fields, protozero::pbf_wire_type::fixed64);
          append(bytes, static_cast<std::int64_t>(fields.get_fixed64()), sizeof(double));
        }
        break;
      default:
        fields.skip();
    }
  return bytes;
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::optional(number)
                                                                         : std::nullopt;
}

}  // namespace

void ConstantReader::fail(const StoredTensor& tensor, const std::string& problem, const std::string& fix) {
  throw DataError(file_.name, fmt::format("tensor '{}' {}", shown(tensor.name), problem), fix);
}

const Bytes& ConstantReader::external_file(const StoredTensor& tensor, const std::string& location) {
  if (const auto found = external_.find(location); found != external_.end()) return found->second;
  const fs::path inside(location);
  const std::string called = shown(location);
  if (!stays_inside(inside))
    fail(tensor, fmt::format("is in '{}', which is not in the folder of this file", called));
  const std::optional<fs::path> folder = folder_of(file_);
  if (!folder)
    fail(tensor, fmt::format("is in another file, '{}', which is found only beside a file on disk", called));
  if (has_link(*folder, inside))
    fail(tensor, fmt::format("is in '{}', which is a link", called), "copy the file that it links to");
  std::error_code error;
  if (!fs::exists(*folder / inside, error))
    fail(tensor, fmt::format("is in '{}', which is missing", called), "put that file beside this one");
  return external_.emplace(location, Bytes::map(*folder / inside)).first->second;
}

std::map<std::string, std::string> ConstantReader::place_of(const StoredTensor& tensor) {
  std::map<std::string, std::string> place;
  auto fields = fields_of<TensorProto>(tensor.message);
  while (fields.next(TensorProto::external_data, protozero::pbf_wire_type::length_delimited)) {
    auto entry = fields_of<StringStringEntryProto>(view_of(fields.get_view()));
    std::string key, value;
    while (entry.next())
      (entry.tag() == StringStringEntryProto::key ? key : value) = std::string(bytes_of(entry));
    place[key] = value;
  }
  return place;
}

void ConstantReader::locate(const Constant& constant) {
  if (!constant.stored || !constant.stored->external) return;
  try {
    external_file(*constant.stored, place_of(*constant.stored)["location"]);
  } catch (const protozero::exception&) {
    fail(*constant.stored, "is damaged");
  }
}

std::span<const std::byte> ConstantReader::external_values(const StoredTensor& tensor,
                                                           std::shared_ptr<const void>& keep) {
  std::map<std::string, std::string> place = place_of(tensor);
  const Bytes& other = external_file(tensor, place["location"]);
  const auto offset = place.contains("offset") ? number_in(place["offset"]) : 0;
  if (!offset || *offset > other.data.size()) fail(tensor, "starts behind the end of its file");
  const auto length = place.contains("length") ? number_in(place["length"]) : other.data.size() - *offset;
  if (!length || *length > other.data.size() - *offset) fail(tensor, "ends behind the end of its file");
  keep = other.keep;
  return other.data.subspan(*offset, *length);
}

std::span<const std::byte> ConstantReader::raw_values(const StoredTensor& tensor, std::string& decoded,
                                                      std::shared_ptr<const void>& keep) {
  const auto element = element_of(tensor.type);
  if (!element) fail(tensor, fmt::format("holds numbers of type {}, which is not supported", tensor.type));
  std::span<const std::byte> values;
  try {
    if (tensor.external) {
      values = external_values(tensor, keep);
    } else {
      auto fields = fields_of<TensorProto>(tensor.message);
      if (fields.next(TensorProto::raw_data, protozero::pbf_wire_type::length_delimited)) {
        values = std::as_bytes(std::span(bytes_of(fields)));
        keep = file_.keep;
      } else {
        decoded = decode(tensor, element_size(*element));
        values = std::as_bytes(std::span(decoded));
      }
    }
  } catch (const protozero::exception&) {
    fail(tensor, "is damaged");
  }
  const auto needed = byte_count(tensor.shape, *element);
  if (values.size() != needed)
    fail(tensor, fmt::format("has {} bytes of values, but its shape {} needs another number", values.size(),
                             to_string(tensor.shape)));
  return values;
}

TensorView ConstantReader::floats(const Constant& constant) {
  if (constant.reals) return TensorView::own({constant.shape, *constant.reals});
  if (!constant.stored) {
    Tensor tensor(constant.shape);
    std::ranges::fill(tensor.values, constant.fill);
    return TensorView::own(std::move(tensor));
  }
  const StoredTensor& stored = *constant.stored;
  std::string decoded;
  std::shared_ptr<const void> keep;
  const std::span<const std::byte> values = raw_values(stored, decoded, keep);
  const auto count = static_cast<std::size_t>(element_count(stored.shape));
  const bool aligned = reinterpret_cast<std::uintptr_t>(values.data()) % alignof(float) == 0;
  if (stored.type == kFloat && decoded.empty() && aligned)
    return {stored.shape, {reinterpret_cast<const float*>(values.data()), count}, std::move(keep)};
  Tensor tensor(stored.shape);
  to_float(*element_of(stored.type), values, tensor.values);
  return TensorView::own(std::move(tensor));
}

std::vector<std::int64_t> ConstantReader::integers(const Constant& constant) {
  constexpr std::size_t kMost = 64;
  if (!constant.stored) {
    if (!constant.reals || constant.reals->size() > kMost) return {};
    std::vector<std::int64_t> numbers;
    for (const float value : *constant.reals)
      numbers.push_back(std::abs(value) < 0x1p62F ? static_cast<std::int64_t>(value) : 0);
    return numbers;
  }
  const StoredTensor& stored = *constant.stored;
  if (stored.type != kInt64 && stored.type != kInt32) fail(stored, "does not hold whole numbers");
  std::string decoded;
  std::shared_ptr<const void> keep;
  const std::span<const std::byte> values = raw_values(stored, decoded, keep);
  const std::size_t size = stored.type == kInt64 ? sizeof(std::int64_t) : sizeof(std::int32_t);
  if (values.size() > kMost * size) fail(stored, "holds too many numbers");
  std::vector<std::int64_t> numbers;
  for (std::size_t at = 0; at < values.size(); at += size) {
    std::int64_t wide = 0;
    std::int32_t narrow = 0;
    if (size == sizeof wide) {
      std::memcpy(&wide, values.data() + at, size);
    } else {
      std::memcpy(&narrow, values.data() + at, size);
      wide = narrow;
    }
    numbers.push_back(wide);
  }
  return numbers;
}

std::size_t ConstantReader::bytes_there() const {
  std::size_t bytes = file_.data.size();
  for (const auto& [location, other] : external_) bytes += other.data.size();
  return bytes;
}

}  // namespace alexnet::onnx
