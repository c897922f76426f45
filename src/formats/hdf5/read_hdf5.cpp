// HDF5 File Format Specification, version 3.0: sections II (superblocks 0 and 1), III.A (B-trees 1), III.B to
// III.E (groups, heaps) and IV.A (object headers 1).
#include "formats/hdf5/read_hdf5.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "formats/shown.h"

namespace alexnet::hdf5 {
namespace {

using namespace std::string_view_literals;
using Span = std::span<const std::byte>;

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n"sv;
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
constexpr int kDeepest = 32;                   // groups within groups
constexpr std::size_t kMostParts = 1'000'000;  // messages, entries and nodes in a file
constexpr std::size_t kLongestName = 1024;     // bytes
constexpr std::size_t kHighestRank = 32;       // as HDF5's
constexpr std::size_t kMessageStart = 8;       // bytes before the content of a message
constexpr std::size_t kObjectStart = 16;       // bytes before the first message

// Types of messages in an object's header.
constexpr std::uint16_t kDataspace = 1, kLinkInfo = 2, kDatatype = 3, kLink = 6, kExternalFiles = 7,
                        kLayout = 8, kAttribute = 12, kContinuation = 16, kSymbolTable = 17;
constexpr std::uint8_t kShared = 2;  // flag of a message that is kept elsewhere

/// Types of numbers and texts.
struct Datatype {
  enum class Kind { kNumber, kText, kLongText, kOther } kind = Kind::kOther;
  Element element = Element::kF32;
  std::size_t size = 0;  // in bytes
};

/// An object's header: a group, an array, or something else.
struct Object {
  std::optional<std::pair<std::uint64_t, std::uint64_t>> table;  // addresses of its B-tree and its heap
  std::optional<Dataset> dataset;
};
using Texts = std::map<std::string_view, std::string_view>;

class Reader {
 public:
  explicit Reader(const Bytes& file) : file_(file), data_(file.data) {}

  Content read() {
    Content content;
    Object object = read_object(root(), &content.texts);
    if (!object.table) damaged("a root without a table");
    content.root = group(object, 0);
    return content;
  }

 private:
  /// Address of the root group's header.
  std::uint64_t root() const {
    constexpr std::size_t kEnd = 24 + 32 + 40;
    if (!looks_like_hdf5(data_)) fail("is not an HDF5 file");
    if (data_.size() < kEnd) truncated();
    const auto version = number<std::uint8_t>(8);
    if (version > 1) newer(fmt::format("a superblock of version {}", version));
    constexpr std::uint8_t kBytes = 8;  // of addresses and lengths
    if (number<std::uint8_t>(13) != kBytes || number<std::uint8_t>(14) != kBytes)
      fail("has addresses of other than 8 bytes, which is not supported");
    const std::size_t addresses = version == 0 ? 24 : 28;
    if (number<std::uint64_t>(addresses) != 0) fail("has a base address, which is not supported");
    if (number<std::uint64_t>(addresses + 16) > data_.size()) truncated();
    return number<std::uint64_t>(addresses + 32 + 8);
  }

  Group group(const Object& object, int depth) {
    if (depth > kDeepest) fail(fmt::format("has groups within more than {} groups", kDeepest));
    Group result;
    const Span names = heap(object.table->second);
    read_tree(object.table->first, std::nullopt, [&](std::size_t entry) {
      const std::string_view name = text_at(names, number<std::uint64_t>(entry));
      constexpr std::uint32_t kSoftLink = 2;
      if (number<std::uint32_t>(entry + 16) == kSoftLink)
        fail(fmt::format("its entry '{}' is a link to another place, which is not followed", shown(name)));
      Object inner = read_object(number<std::uint64_t>(entry + 8));
      bool added = true;
      if (inner.table)
        added = result.groups.emplace(name, group(inner, depth + 1)).second;
      else if (inner.dataset)
        added = result.datasets.emplace(name, *std::move(inner.dataset)).second;
      if (!added) damaged("two entries of one name");
    });
    return result;
  }

  /// Calls use(position) for each entry of a group's B-tree.
  template <class Use>
  void read_tree(std::uint64_t address, std::optional<int> level_above, Use&& use) {
    constexpr std::size_t kStart = 24;
    count();
    if (address == kNowhere && !level_above) return;  // an empty group
    const std::size_t node = range(address, kStart);
    if (text(node, 4) != "TREE" || number<std::uint8_t>(node + 4) != 0) damaged("a node of a group");
    const int level = number<std::uint8_t>(node + 5);
    if (level_above && level != *level_above - 1) damaged("a node of a group");
    const std::size_t children = number<std::uint16_t>(node + 6);
    const std::size_t first = range(node + kStart, children * 16 + 8) + 8;  // behind a key
    for (std::size_t i = 0; i < children; ++i) {
      const auto child = number<std::uint64_t>(first + 16 * i);
      level == 0 ? read_entries(child, use) : read_tree(child, level, use);
    }
  }

  template <class Use>
  void read_entries(std::uint64_t address, Use&& use) {
    constexpr std::size_t kStart = 8, kEntry = 40;
    count();
    const std::size_t node = range(address, kStart);
    if (text(node, 4) != "SNOD") damaged("a list of a group's entries");
    const std::size_t entries = number<std::uint16_t>(node + 6);
    range(node + kStart, entries * kEntry);
    for (std::size_t i = 0; i < entries; ++i) {
      count();
      use(node + kStart + i * kEntry);
    }
  }

  /// The bytes of a heap of names.
  Span heap(std::uint64_t address) const {
    constexpr std::size_t kStart = 32;
    const std::size_t at = range(address, kStart);
    if (text(at, 4) != "HEAP") damaged("the names of a group");
    const auto size = number<std::uint64_t>(at + 8);
    return data_.subspan(range(number<std::uint64_t>(at + 24), size), size);
  }

  std::string_view text_at(Span names, std::uint64_t offset) const {
    if (offset >= names.size()) damaged("a name");
    const std::string_view rest(reinterpret_cast<const char*>(names.data()) + offset, names.size() - offset);
    const std::size_t end = rest.substr(0, kLongestName + 1).find('\0');
    if (end == 0 || end == std::string_view::npos) damaged("a name");
    return rest.substr(0, end);
  }

  /// Takes its attributes into `texts`, if there is one.
  Object read_object(std::uint64_t address, Texts* texts = nullptr) {
    if (!seen_.insert(address).second)
      fail("is damaged, or has two names for one object: only trees of groups are supported");
    Object object;
    Dataset dataset;
    bool has_layout = false;
    std::optional<Datatype> type;
    Span layout;
    for_each_message(address, [&](std::uint16_t kind, std::uint8_t flags, Span content) {
      const bool shared = (flags & kShared) != 0;
      switch (kind) {
        case kSymbolTable:
          object.table = {value<std::uint64_t>(content, 0), value<std::uint64_t>(content, 8)};
          break;
        case kDataspace:
          read_shape(content, dataset);
          break;
        case kDatatype:
          type = shared ? Datatype{} : datatype(content);
          break;
        case kLayout:
          has_layout = true;
          layout = content;
          break;
        case kExternalFiles:
          refuse(dataset, "is kept in another file, which is not opened");
          break;
        case kAttribute:
          if (!shared && texts != nullptr) read_attribute(content, *texts);
          break;
        case kLinkInfo:
        case kLink:
          newer("groups of links");
        default:
          break;  // fill values, dates, filters (which only chunks have)
      }
    });
    if (!has_layout) return object;
    if (!type || type->kind != Datatype::Kind::kNumber)
      refuse(dataset, "does not hold numbers of a type that is supported");
    else
      dataset.element = type->element;
    read_layout(layout, dataset);
    object.dataset = std::move(dataset);
    return object;
  }

  static void refuse(Dataset& dataset, std::string reason) {
    if (dataset.refused.empty()) dataset.refused = std::move(reason);
  }

  /// Calls use(type, flags, content) for each message of a header.
  template <class Use>
  void for_each_message(std::uint64_t address, Use&& use) {
    const std::size_t header = range(address, kObjectStart);
    if (text(header, 4) == "OHDR") newer("object headers of version 2");
    if (number<std::uint8_t>(header) != 1) damaged("the header of an object");
    std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks = {
        {header + kObjectStart, number<std::uint32_t>(header + 8)}};
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      auto [at, left] = blocks[block];
      range(at, left);
      while (left >= kMessageStart) {
        count();
        const auto kind = number<std::uint16_t>(at);
        const std::size_t size = number<std::uint16_t>(at + 2);
        const auto flags = number<std::uint8_t>(at + 4);
        if (size > left - kMessageStart) damaged("the header of an object");
        const Span content = data_.subspan(at + kMessageStart, size);
        if (kind == kContinuation)
          blocks.emplace_back(value<std::uint64_t>(content, 0), value<std::uint64_t>(content, 8));
        else
          use(kind, flags, content);
        at += kMessageStart + size;
        left -= kMessageStart + size;
      }
    }
  }

  void read_shape(Span content, Dataset& dataset) const {
    const auto version = value<std::uint8_t>(content, 0);
    const std::size_t rank = value<std::uint8_t>(content, 1);
    if (version < 1 || version > 2 || rank > kHighestRank) damaged("the shape of an array");
    constexpr std::uint8_t kNull = 2;
    if (version == 2 && value<std::uint8_t>(content, 3) == kNull) refuse(dataset, "is empty");
    dataset.shape.clear();
    for (std::size_t i = 0; i < rank; ++i) {
      constexpr std::uint64_t kLargest = std::uint64_t{1} << 62;
      const auto extent = value<std::uint64_t>(content, (version == 1 ? 8 : 4) + 8 * i);
      dataset.shape.push_back(static_cast<std::int64_t>(std::min(extent, kLargest)));
    }
  }

  Datatype datatype(Span content) const {
    constexpr int kInteger = 0, kReal = 1, kText = 3, kOpaque = 5, kVariable = 9;
    const int kind = value<std::uint8_t>(content, 0) & 0xF;
    const auto bits = value<std::uint8_t>(content, 1);
    const std::size_t size = value<std::uint32_t>(content, 4);
    Datatype type{.size = size};
    std::optional<Element> element;
    const bool big_endian = (bits & 1) != 0;
    if (kind == kInteger && !big_endian) {
      const bool is_signed = (bits & 8) != 0;
      if (size == 1) element = is_signed ? Element::kI8 : Element::kU8;
      if (size == 2) element = is_signed ? Element::kI16 : Element::kU16;
      if (size == 4) element = is_signed ? Element::kI32 : Element::kU32;
      if (size == 8) element = is_signed ? Element::kI64 : Element::kU64;
    } else if (kind == kReal && !big_endian) {
      const int exponent = value<std::uint8_t>(content, 13);  // bits
      if (size == 2 && exponent == 5) element = Element::kF16;
      if (size == 2 && exponent == 8) element = Element::kBf16;
      if (size == 4 && exponent == 8) element = Element::kF32;
      if (size == 8 && exponent == 11) element = Element::kF64;
    } else if (kind == kOpaque && size == 2) {
      element = Element::kBf16;  // NumPy has no such type, and h5py stores its bytes
    } else if (kind == kText) {
      type.kind = Datatype::Kind::kText;
    } else if (kind == kVariable && (bits & 0xF) == 1) {
      type.kind = Datatype::Kind::kLongText;
    }
    if (element) {
      type.kind = Datatype::Kind::kNumber;
      type.element = *element;
    }
    return type;
  }

  void read_layout(Span content, Dataset& dataset) {
    constexpr std::uint8_t kCompact = 0, kContiguous = 1, kSupported = 3;
    const auto version = value<std::uint8_t>(content, 0), kind = value<std::uint8_t>(content, 1);
    if (version != kSupported)
      return refuse(dataset, fmt::format("is laid out in a way (version {}) that is not supported", version));
    if (kind != kCompact && kind != kContiguous)
      return refuse(dataset, "is stored in chunks, which Keras does not do");
    if (!dataset.refused.empty()) return;
    const std::optional<std::size_t> needed = byte_count(dataset.shape, dataset.element);
    std::uint64_t begin = 0, size = 0;
    if (kind == kCompact) {
      size = value<std::uint16_t>(content, 2);
      if (content.size() - 4 < size) damaged("the values of an array");
      dataset.values = content.subspan(4, size);
    } else {
      begin = value<std::uint64_t>(content, 2);
      size = value<std::uint64_t>(content, 10);
      if (needed == 0U) return;
      if (begin == kNowhere) return refuse(dataset, "has no values");
      if (begin > data_.size() || size > data_.size() - begin)
        return refuse(dataset, "lies outside of the file");
      dataset.values = data_.subspan(begin, size);
    }
    // Arrays do not share bytes: a small file has no more values than it has bytes.
    value_bytes_ += size;
    if (value_bytes_ > data_.size()) damaged("an array that overlaps another");
    if (needed != size)
      refuse(dataset,
             fmt::format("has {} bytes, which do not fit its shape {}", size, to_string(dataset.shape)));
  }

  /// Keeps an attribute that is one text; others are not needed.
  void read_attribute(Span content, Texts& texts) {
    const auto version = value<std::uint8_t>(content, 0);
    const auto flags = value<std::uint8_t>(content, 1);  // of parts that are kept elsewhere
    if (version < 1 || version > 3 || (version > 1 && flags != 0)) return;
    const std::size_t name_size = value<std::uint16_t>(content, 2),
                      type_size = value<std::uint16_t>(content, 4),
                      space_size = value<std::uint16_t>(content, 6);
    const auto padded = [&](std::size_t size) { return version == 1 ? (size + 7) / 8 * 8 : size; };
    const std::size_t name = version == 3 ? 9 : 8, type = name + padded(name_size),
                      space = type + padded(type_size), data = space + padded(space_size);
    if (data > content.size()) damaged("an attribute");
    Dataset place;
    read_shape(content.subspan(space), place);
    if (!place.shape.empty()) return;
    const Datatype kind = datatype(content.subspan(type, type_size));
    std::string_view found;
    if (kind.kind == Datatype::Kind::kText && kind.size <= content.size() - data)
      found = text_of(content.subspan(data, kind.size));
    else if (kind.kind == Datatype::Kind::kLongText)
      found = global_text(content.subspan(data));
    else
      return;
    found = found.substr(0, found.find('\0'));
    texts.emplace(text_at(content.subspan(name, name_size), 0), found);
  }

  /// A text in a global heap: its length, the heap's address, its number there.
  std::string_view global_text(Span reference) {
    constexpr std::size_t kStart = 16;
    const std::size_t length = value<std::uint32_t>(reference, 0);
    if (length == 0) return {};
    const auto address = value<std::uint64_t>(reference, 4);
    const auto wanted = value<std::uint32_t>(reference, 12);
    const std::size_t heap = range(address, kStart);
    if (text(heap, 4) != "GCOL") damaged("a text");
    const auto size = number<std::uint64_t>(heap + 8);
    range(heap, size);
    for (std::size_t at = heap + kStart; heap + size - at >= kStart;) {
      count();
      const std::uint32_t index = number<std::uint16_t>(at);
      const auto bytes = number<std::uint64_t>(at + 8);
      if (index == 0 || bytes > heap + size - at - kStart) break;
      if (index == wanted) {
        if (length > bytes) break;
        return text(at + kStart, length);
      }
      at += std::min<std::size_t>(kStart + (bytes + 7) / 8 * 8, heap + size - at);
    }
    damaged("a text");
  }

  /// A file cannot make this program do more than it could with parts of its own.
  void count() {
    if (++parts_ > std::min(kMostParts, data_.size() / kMessageStart + 1))
      fail("is damaged, or has too many parts");
  }

  /// The address, if `size` bytes are there.
  std::size_t range(std::uint64_t address, std::uint64_t size) const {
    if (address > data_.size() || size > data_.size() - address) damaged("an address");
    return address;
  }
  template <class T>
  T number(std::size_t at) const {
    return value<T>(data_, at);
  }
  template <class T>
  T value(Span bytes, std::size_t at) const {
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) damaged("a number");
    T result{};
    std::memcpy(&result, bytes.data() + at, sizeof result);  // little-endian, as this machine
    return result;
  }
  static std::string_view text_of(Span bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string_view text(std::size_t at, std::size_t length) const {
    return text_of(data_.subspan(at, length));
  }

  [[noreturn]] void damaged(std::string_view part) const {
    fail(fmt::format("is damaged: it has {} that is not valid", part));
  }
  [[noreturn]] void truncated() const { fail("is truncated: its end is missing"); }
  [[noreturn]] void newer(const std::string& part) const {
    throw DataError(file_.name, fmt::format("is an HDF5 file with {}, which is not supported", part),
                    "load it with Keras and save it again");
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(file_.name, problem, "copy the file again, or save it again");
  }

  const Bytes& file_;
  Span data_;
  std::set<std::uint64_t> seen_;  // headers of objects
  std::size_t parts_ = 0, value_bytes_ = 0;
};

}  // namespace

const Group* Group::find(std::string_view path) const {
  const Group* group = this;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto found = group->groups.find(path.substr(0, end));
    if (found == group->groups.end()) return nullptr;
    group = &found->second;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return group;
}

bool looks_like_hdf5(std::span<const std::byte> data) {
  return data.size() >= kSignature.size() &&
         std::memcmp(data.data(), kSignature.data(), kSignature.size()) == 0;
}

Content read_hdf5(const Bytes& file) { return Reader(file).read(); }

}  // namespace alexnet::hdf5
