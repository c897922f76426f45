// NumPy's .npy files: magic, version, the length of a header, the header (a Python dictionary), the values.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "formats/element.h"
#include "formats/npy/npy_rows.h"

namespace alexnet {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionEnd = 8;  // magic, major, minor

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<Shape> shape;
};

/// Reads the dictionary: text in quotes, True, False, and tuples of numbers.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : rest_(text), where_(where) {}

  Header parse() {
    Header header;
    expect('{');
    while (!take('}')) {
      read_entry(header);
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (!rest_.empty() || !header.descr || !header.fortran_order || !header.shape) fail();
    return header;
  }

 private:
  void read_entry(Header& header) {
    const std::string key = quoted();
    expect(':');
    if (key == "descr" && !header.descr)
      header.descr = quoted();
    else if (key == "fortran_order" && !header.fortran_order)
      header.fortran_order = boolean();
    else if (key == "shape" && !header.shape)
      header.shape = tuple();
    else
      fail();
  }

  std::string quoted() {
    skip_spaces();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) {
      if (take('[')) throw DataError(where_, "holds records, not plain numbers");
      fail();
    }
    const std::size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) fail();
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool boolean() {
    skip_spaces();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    fail();
  }

  Shape tuple() {
    Shape shape;
    expect('(');
    while (!take(')')) {
      skip_spaces();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc{} || extent < 0) fail();
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      shape.push_back(extent);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }

  void skip_spaces() {
    const std::size_t first = rest_.find_first_not_of(" \n\t\r");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }
  bool take(char c) {
    skip_spaces();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  [[noreturn]] void fail() const { throw DataError(where_, "has an invalid header"); }

  std::string_view rest_;
  const std::string& where_;
};

Element element_of(const std::string& descr, const std::string& where) {
  constexpr std::pair<const char*, Element> kTypes[] = {
      {"<f2", Element::kF16}, {"<f4", Element::kF32}, {"<f8", Element::kF64}, {"|i1", Element::kI8},
      {"<i2", Element::kI16}, {"<i4", Element::kI32}, {"<i8", Element::kI64}, {"|u1", Element::kU8},
      {"<u2", Element::kU16}, {"<u4", Element::kU32}, {"<u8", Element::kU64}};
  for (const auto& [text, element] : kTypes)
    if (descr == text) return element;
  throw DataError(where,
                  descr.starts_with('>') ? "is big-endian (" + descr + ")"
                                         : "holds '" + descr + "', which is not a supported type of numbers",
                  "save it with array.astype('<f4')");
}

/// The header's text and where the values start.
std::pair<std::string_view, std::size_t> locate_header(std::span<const std::byte> bytes,
                                                       const std::string& where) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic)) throw DataError(where, "is not a .npy file");
  const auto at = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[i]));
  };
  const std::size_t version = text.size() > kVersionEnd ? at(kMagic.size()) : 0;
  if (version < 1 || version > 3) throw DataError(where, "is a .npy file of an unsupported version");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t begin = kVersionEnd + length_bytes;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes && kVersionEnd + i < text.size(); ++i)
    length |= at(kVersionEnd + i) << (8 * i);
  if (begin > text.size() || length > text.size() - begin)
    throw DataError(where, "ends inside its header", "the file was probably truncated");
  return {text.substr(begin, length), begin + length};
}

}  // namespace

Tensor read_npy(const Bytes& bytes) {
  const std::string& where = bytes.name;
  const auto [text, begin] = locate_header(bytes.data, where);
  const Header header = HeaderParser(text, where).parse();
  const Element element = element_of(*header.descr, where);
  if (*header.fortran_order && header.shape->size() > 1)
    throw DataError(where, "is in Fortran order", "save it with numpy.ascontiguousarray(array)");
  const std::span<const std::byte> values = bytes.data.subspan(begin);
  const std::optional<std::size_t> expected = byte_count(*header.shape, element);
  if (expected != values.size())
    throw DataError(where,
                    fmt::format("holds {} bytes of values, but its shape {} needs another number",
                                values.size(), to_string(*header.shape)),
                    "the file was probably truncated");
  Tensor tensor(*header.shape);
  to_float(element, values, tensor.values);
  return tensor;
}

Tensor read_npy(const std::filesystem::path& path) { return read_npy(Bytes::map(path)); }

void write_npy(std::ostream& out, const Shape& shape, std::span<const float> values,
               const std::string& name) {
  if (byte_count(shape, Element::kF32) != values.size_bytes())
    throw UsageError(name,
                     fmt::format("{} values do not fill the shape {}", values.size(), to_string(shape)));
  out << npy_header(shape);
  write_floats(out, values);
  require_written(out, name);
}

void write_npy(const std::filesystem::path& path, const Shape& shape, std::span<const float> values) {
  AtomicFile file(path);
  write_npy(file.stream(), shape, values, path.string());
  file.commit();
}

}  // namespace alexnet
