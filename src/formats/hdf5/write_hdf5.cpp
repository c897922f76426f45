// HDF5 File Format Specification, version 3.0: superblock 0, groups as symbol tables, contiguous arrays.
#include "formats/hdf5/write_hdf5.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace alexnet::hdf5 {
namespace {

constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
constexpr std::size_t kNodeChildren = 32;  // of a B-tree, as HDF5's default

struct Tree {
  std::map<std::string, Tree> groups;
  std::map<std::string, std::size_t> arrays;  // index
  std::size_t size() const { return groups.size() + arrays.size(); }
};

std::size_t largest(const Tree& tree) {
  std::size_t most = tree.size();
  for (const auto& [name, group] : tree.groups) most = std::max(most, largest(group));
  return most;
}

/// Addresses of an object; those of its B-tree and its heap where it is a group.
struct Placed {
  std::uint64_t header = 0;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> table;
};

class Writer {
 public:
  explicit Writer(const std::vector<NewArray>& arrays) : arrays_(arrays), value_addresses_(arrays.size()) {
    for (std::size_t i = 0; i < arrays.size(); ++i) insert(arrays[i].path, i);
    // One level of a tree is enough where the lists of entries are long enough.
    constexpr std::size_t kUsual = 4;
    half_list_ = std::max(kUsual, (largest(root_) + 2 * kNodeChildren - 1) / (2 * kNodeChildren));
  }

  std::string write() {
    superblock_start();
    const std::size_t end_of_file = bytes_.size() - 16, root_entry = bytes_.size();
    bytes_.append(kEntry, '\0');
    const Placed root = add_group(root_);
    std::string entry;
    std::swap(entry, bytes_);
    add_entry(0, root);
    std::swap(entry, bytes_);
    bytes_.replace(root_entry, kEntry, entry);
    std::uint64_t end = bytes_.size();
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      replace(value_addresses_[i], end);
      end += byte_size(arrays_[i]);
    }
    replace(end_of_file, end);
    return std::move(bytes_);
  }

 private:
  static constexpr std::size_t kEntry = 40;

  void insert(std::string_view path, std::size_t index) {
    Tree* tree = &root_;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
      tree = &tree->groups[std::string(path.substr(0, slash))];
      path.remove_prefix(slash + 1);
    }
    tree->arrays.emplace(path, index);
  }

  static std::uint64_t byte_size(const NewArray& array) {
    return static_cast<std::uint64_t>(element_count(array.shape)) * sizeof(float);
  }

  void superblock_start() {
    bytes_ += "\x89HDF\r\n\x1a\n";
    bytes_ += std::string_view("\0\0\0\0\0\x8\x8\0", 8);  // versions; sizes of addresses and lengths
    add(static_cast<std::uint16_t>(half_list_));
    add(static_cast<std::uint16_t>(kNodeChildren / 2));
    add(std::uint32_t{0});
    add(std::uint64_t{0});  // base
    add(kNowhere);          // free space
    add(std::uint64_t{0});  // end of the file
    add(kNowhere);          // driver
  }

  Placed add_group(const Tree& tree) {
    std::map<std::string_view, Placed> entries;  // by name, as a B-tree sorts them
    for (const auto& [name, group] : tree.groups) entries.emplace(name, add_group(group));
    for (const auto& [name, index] : tree.arrays) entries.emplace(name, Placed{add_array(index), {}});

    std::string names(8, '\0');  // the empty one first
    std::vector<std::uint64_t> offsets;
    for (const auto& [name, placed] : entries) {
      offsets.push_back(names.size());
      names += name;
      names.append(8 - name.size() % 8, '\0');
    }
    constexpr std::size_t kHeapStart = 32;
    constexpr std::uint64_t kNoneFree = 1;
    const std::uint64_t heap = bytes_.size();
    bytes_ += std::string_view("HEAP\0\0\0\0", 8);
    add(std::uint64_t{names.size()});
    add(kNoneFree);
    add(heap + kHeapStart);
    bytes_ += names;

    std::vector<std::pair<std::uint64_t, std::uint64_t>> lists;  // address; offset of the last name
    std::size_t i = 0;
    for (auto entry = entries.begin(); entry != entries.end();) {
      const std::size_t count = std::min(2 * half_list_, entries.size() - i);
      lists.emplace_back(bytes_.size(), offsets[i + count - 1]);
      const std::size_t end = bytes_.size() + 8 + 2 * half_list_ * kEntry;
      bytes_ += std::string_view("SNOD\1\0", 6);
      add(static_cast<std::uint16_t>(count));
      for (std::size_t one = 0; one < count; ++one, ++entry, ++i) add_entry(offsets[i], entry->second);
      bytes_.resize(end);
    }

    const std::uint64_t tree_address = bytes_.size();
    const std::size_t end = bytes_.size() + 24 + (2 * kNodeChildren + 1) * 8;
    bytes_ += std::string_view("TREE\0\0", 6);
    add(static_cast<std::uint16_t>(lists.size()));
    add(kNowhere);
    add(kNowhere);
    add(std::uint64_t{0});
    for (const auto& [address, last] : lists) {
      add(address);
      add(last);
    }
    bytes_.resize(end);

    const std::uint64_t header = bytes_.size();
    std::string table;
    append(table, tree_address);
    append(table, heap);
    add_header({{17, table}});
    return {header, std::pair(tree_address, heap)};
  }

  std::uint64_t add_array(std::size_t index) {
    using namespace std::string_view_literals;
    const NewArray& array = arrays_[index];
    std::string shape = {1, static_cast<char>(array.shape.size())};
    shape.resize(8);
    for (const std::int64_t extent : array.shape) append(shape, extent);
    // IEEE float32, little-endian: bits of the sign, exponent and mantissa.
    const std::string_view type = "\x11\x20\x1f\0\4\0\0\0\0\0\x20\0\x17\x08\0\x17\x7f\0\0\0\0\0\0\0"sv;
    const std::string_view fill = "\2\2\2\1\0\0\0\0"sv;  // zeros
    std::string layout = {3, 1};
    append(layout, std::uint64_t{0});
    append(layout, byte_size(array));
    layout.resize(24);
    const std::uint64_t header = bytes_.size();
    add_header({{1, shape}, {3, type}, {5, fill}, {8, layout}});
    value_addresses_[index] = bytes_.size() - layout.size() + 2;
    return header;
  }

  void add_header(const std::vector<std::pair<std::uint16_t, std::string_view>>& messages) {
    std::uint32_t size = 0;
    for (const auto& [kind, content] : messages) size += static_cast<std::uint32_t>(8 + content.size());
    add(std::uint16_t{1});
    add(static_cast<std::uint16_t>(messages.size()));
    add(std::uint32_t{1});
    add(size);
    add(std::uint32_t{0});
    for (const auto& [kind, content] : messages) {
      add(kind);
      add(static_cast<std::uint16_t>(content.size()));
      add(std::uint32_t{0});
      bytes_ += content;
    }
  }

  void add_entry(std::uint64_t name, const Placed& placed) {
    add(name);
    add(placed.header);
    add(std::uint64_t{placed.table.has_value()});  // whether the last two are addresses
    add(placed.table ? placed.table->first : std::uint64_t{0});
    add(placed.table ? placed.table->second : std::uint64_t{0});
  }

  template <class T>
  static void append(std::string& bytes, T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);  // little-endian, as this machine
  }
  template <class T>
  void add(T value) {
    append(bytes_, value);
  }
  void replace(std::size_t at, std::uint64_t value) { std::memcpy(bytes_.data() + at, &value, sizeof value); }

  const std::vector<NewArray>& arrays_;
  Tree root_;
  std::size_t half_list_ = 0;                 // half of the entries that a list has room for
  std::vector<std::size_t> value_addresses_;  // where the address of each array's values is written
  std::string bytes_;
};

}  // namespace

std::string hdf5_without_values(const std::vector<NewArray>& arrays) { return Writer(arrays).write(); }

}  // namespace alexnet::hdf5
