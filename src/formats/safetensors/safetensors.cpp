#include "formats/safetensors/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "formats/element.h"
#include "model/json_object.h"

namespace alexnet {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = 100'000'000;  // as the format's own library
constexpr std::size_t kAlignment = 64;
constexpr const char* kMetadata = "__metadata__";
constexpr const char* kCutShort = "the file was probably truncated or damaged when it was copied";

std::uint64_t header_length(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  return length;
}

/// A tensor as the header describes it; offsets count from the end of the header.
struct Entry {
  std::string name;
  Element element = Element::kF32;
  Shape shape;
  std::uint64_t begin = 0, end = 0;
};

Element element_of(JsonObject& object) {
  constexpr std::pair<const char*, Element> kTypes[] = {
      {"F16", Element::kF16}, {"BF16", Element::kBf16}, {"F32", Element::kF32}, {"F64", Element::kF64},
      {"I8", Element::kI8},   {"I16", Element::kI16},   {"I32", Element::kI32}, {"I64", Element::kI64},
      {"U8", Element::kU8},   {"U16", Element::kU16},   {"U32", Element::kU32}, {"U64", Element::kU64},
      {"BOOL", Element::kU8}};
  object.need("dtype");
  std::string name;
  object.read("dtype", name);
  for (const auto& [text, element] : kTypes)
    if (name == text) return element;
  object.fail("dtype", "'" + name + "' cannot be read");
}

std::vector<std::uint64_t> whole_numbers(JsonObject& object, const std::string& key) {
  const json& list = object.need(key);
  if (!list.is_array()) object.fail(key, "is not a list");
  std::vector<std::uint64_t> numbers;
  for (const json& number : list) {
    if (!number.is_number_unsigned()) object.fail(key, "contains something other than whole numbers");
    numbers.push_back(number.get<std::uint64_t>());
  }
  return numbers;
}

Entry read_entry(const std::string& name, const json& value, const std::string& where) {
  JsonObject object(value, where, name);
  Entry entry;
  entry.name = name;
  entry.element = element_of(object);
  for (const std::uint64_t extent : whole_numbers(object, "shape"))
    entry.shape.push_back(static_cast<std::int64_t>(std::min(extent, std::uint64_t{1} << 62)));
  const std::vector<std::uint64_t> offsets = whole_numbers(object, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) object.fail("data_offsets", "are not a range");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  object.finish();
  if (byte_count(entry.shape, entry.element) != entry.end - entry.begin)
    object.fail("data_offsets", fmt::format("span {} bytes, but its shape {} needs another number",
                                            entry.end - entry.begin, to_string(entry.shape)));
  return entry;
}

/// The tensors must cover the data exactly, one behind the other.
void require_gapless(std::vector<Entry>& entries, std::size_t data_size, const std::string& where) {
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != end)
      throw DataError(where, fmt::format("tensor '{}' {} in the file", entry.name,
                                         entry.begin < end ? "overlaps another" : "leaves a gap before it"));
    end = entry.end;
  }
  if (end != data_size)
    throw DataError(where,
                    fmt::format("contains {} bytes of tensors, but its header declares {}", data_size, end),
                    kCutShort);
}

std::map<std::string, std::string> read_metadata(const json& value, const std::string& where) {
  JsonObject object(value, where, kMetadata);
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) object.read(key, metadata[key]);
  return metadata;
}

TensorView view_of(const Entry& entry, std::span<const std::byte> data,
                   const std::shared_ptr<const void>& keep) {
  const std::span<const std::byte> bytes = data.subspan(entry.begin, entry.end - entry.begin);
  const auto count = static_cast<std::size_t>(element_count(entry.shape));
  if (entry.element == Element::kF32 && reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0)
    return {entry.shape, {reinterpret_cast<const float*>(bytes.data()), count}, keep};
  Tensor tensor(entry.shape);
  to_float(entry.element, bytes, tensor.values);
  return TensorView::own(std::move(tensor));
}

std::string header_text(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
  ordered_json header = ordered_json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t end = offset + tensor.values.size_bytes();
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  // Names of folders become names of classes, and need not be valid UTF-8.
  std::string text = header.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  const std::size_t over = (kLengthBytes + text.size()) % kAlignment;
  if (over != 0) text.append(kAlignment - over, ' ');
  return text;
}

}  // namespace

std::optional<bool> looks_like_safetensors(std::span<const std::byte> bytes) {
  if (bytes.size() < kLengthBytes + 2) return std::nullopt;
  return header_length(bytes) <= kMaxHeader && bytes[kLengthBytes] == std::byte{'{'};
}

TensorFile load_tensors(const Bytes& file) {
  const std::string& where = file.name;
  const std::span<const std::byte> bytes = file.data;
  const std::optional<bool> plausible = looks_like_safetensors(bytes);
  if (!plausible) throw DataError(where, "is too short for a safetensors file", kCutShort);
  if (!*plausible) throw DataError(where, "is not a safetensors file");
  const std::uint64_t length = header_length(bytes);
  if (length > bytes.size() - kLengthBytes)
    throw DataError(where, fmt::format("ends inside its header of {} bytes", length), kCutShort);

  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  const std::string in_header = where + ": header";
  const json header = parse_json(text, in_header);
  if (!header.is_object()) throw DataError(in_header, "is not a JSON object");
  TensorFile result;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata)
      result.metadata = read_metadata(value, in_header);
    else
      entries.push_back(read_entry(name, value, in_header));
  }
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + length);
  require_gapless(entries, data.size(), where);
  for (const Entry& entry : entries) result.tensors.emplace(entry.name, view_of(entry, data, file.keep));
  return result;
}

TensorFile load_tensors(const std::filesystem::path& path) { return load_tensors(Bytes::map(path)); }

void save_tensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata,
                  std::ostream& out, const std::string& name) {
  const std::string header = header_text(tensors, metadata);
  if (header.size() > kMaxHeader) throw DataError(name, "would have a header of more than 100 MB");
  const std::uint64_t length = header.size();
  out.write(reinterpret_cast<const char*>(&length), kLengthBytes);
  out << header;
  for (const auto& [tensor_name, tensor] : tensors) write_floats(out, tensor.values);
  require_written(out, name);
}

void save_tensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata,
                  const std::filesystem::path& path) {
  AtomicFile file(path);
  save_tensors(tensors, metadata, file.stream(), path.string());
  file.commit();
}

}  // namespace alexnet
