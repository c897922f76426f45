// A tar archive of `sys_info`, `storages` (their number; of each a pickle that names it, its number of
// elements, the elements; then parts of storages), `tensors` (their number; of each a pickle that names it
// and its storage, then shape, strides and offset) and `pickle`, which refers to tensors by name.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "alexnet/error.h"
#include "formats/pytorch/container.h"
#include "formats/pytorch/pickle_calls.h"
#include "formats/pytorch/pickle_reader.h"
#include "formats/pytorch/storage_bytes.h"

namespace alexnet::pytorch {
namespace {

constexpr std::size_t kBlock = 512, kMagic = 257, kSize = 124, kSizeDigits = 11, kNameLength = 100;

using Members = std::map<std::string, std::span<const std::byte>, std::less<>>;

std::string_view text_at(std::span<const std::byte> data, std::size_t at, std::size_t length) {
  const std::string_view field(reinterpret_cast<const char*>(data.data()) + at, length);
  return field.substr(0, field.find('\0'));
}

std::string_view name_of(std::span<const std::byte> header) {
  std::string_view name = text_at(header, 0, kNameLength);
  if (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

Members members_of(const Bytes& file) {
  Members members;
  std::span<const std::byte> rest = file.data;
  while (rest.size() >= kBlock && !text_at(rest, 0, kNameLength).empty()) {
    const std::string_view digits = text_at(rest, kSize, kSizeDigits);
    std::size_t size = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
    const std::string_view name = name_of(rest);
    rest = rest.subspan(kBlock);
    if (read.ec != std::errc{} || size > rest.size())
      throw DataError(file.name, fmt::format("is truncated or damaged at its entry '{}'", name));
    if (!members.emplace(name, rest.first(size)).second)
      throw DataError(file.name, fmt::format("has two entries '{}'", name));
    rest = rest.subspan(std::min((size + kBlock - 1) / kBlock * kBlock, rest.size()));
  }
  return members;
}

class TarContainer {
 public:
  explicit TarContainer(const Bytes& file) : file_(file), members_(members_of(file)) {}

  Content read() {
    if (std::span<const std::byte> info = member("sys_info"); !info.empty())
      require_little_endian(read_pickle(info, objects(), file_.name), file_.name);
    read_storages();
    if (members_.contains("tensors")) read_tensors();
    std::span<const std::byte> pickle = member("pickle");
    const Persistent object = [&](const Value& id) -> Value {
      const auto found = tensors_.find(key_of(id));
      if (found != tensors_.end()) return found->second;
      return storage_named(id);
    };
    content_.root = read_pickle(pickle, objects(), object, file_.name);
    content_.version = "tar archive";
    return std::move(content_);
  }

 private:
  void read_storages() {
    std::span<const std::byte> rest = member("storages");
    for (std::int64_t left = count(rest); left > 0; --left) {
      // (key, device, type)
      const Sequence& id = sequence(rest, 3);
      const std::optional<Element> element = storage_element(id.items[2]);
      if (!element) damaged();
      const std::string key = key_of(id.items[0]);
      const std::span<const std::byte> bytes = take_storage(rest, *element, file_.name);
      content_.storages.insert_or_assign(key, bytes);
      storages_[key] = objects().add(
          Storage{key, *element, 0, static_cast<std::int64_t>(bytes.size() / element_size(*element))});
    }
    if (rest.empty()) return;
    const auto* views = as<Sequence>(read_pickle(rest, objects(), file_.name));
    if (views == nullptr) damaged();
    for (const Value& item : views->items) add_part(item);
  }

  /// (key, key of the whole storage, offset, count)
  void add_part(const Value& item) {
    const auto* part = as<Sequence>(item);
    if (part == nullptr || part->items.size() != 4) damaged();
    Storage storage = *storage_named(part->items[1]);
    const auto* offset = std::get_if<std::int64_t>(&part->items[2]);
    const auto* size = std::get_if<std::int64_t>(&part->items[3]);
    if (offset == nullptr || size == nullptr) damaged();
    storage.begin = *offset;
    storage.count = *size;
    storages_[key_of(part->items[0])] = objects().add(storage);
  }

  void read_tensors() {
    std::span<const std::byte> rest = member("tensors");
    for (std::int64_t left = count(rest); left > 0; --left) {
      // (key, key of the storage, type)
      const Sequence& id = sequence(rest, 3);
      StridedTensor tensor{storage_named(id.items[1]), 0, {}, {}};
      const std::int64_t dimensions = number(rest) & 0xffffffff;  // the other half is not used
      constexpr std::int64_t kMaxDimensions = 64;
      if (dimensions > kMaxDimensions) damaged();
      for (Shape* extents : {&tensor.shape, &tensor.strides})
        for (std::int64_t i = 0; i < dimensions; ++i) extents->push_back(number(rest));
      tensor.offset = number(rest);
      tensors_[key_of(id.items[0])] = objects().add(std::move(tensor));
    }
  }

  std::int64_t count(std::span<const std::byte>& rest) {
    const Value value = read_pickle(rest, objects(), file_.name);
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) damaged();
    return *number;
  }
  const Sequence& sequence(std::span<const std::byte>& rest, std::size_t size) {
    const auto* items = as<Sequence>(read_pickle(rest, objects(), file_.name));
    if (items == nullptr || items->items.size() != size) damaged();
    return *items;
  }
  std::int64_t number(std::span<const std::byte>& rest) const {
    std::int64_t value = 0;
    if (rest.size() < sizeof value) damaged();
    std::memcpy(&value, rest.data(), sizeof value);
    rest = rest.subspan(sizeof value);
    return value;
  }

  /// Keys are numbers or text.
  std::string key_of(const Value& value) const {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
    if (const auto* parts = as<Sequence>(value); parts != nullptr)
      throw DataError(file_.name, "contains a whole module, not only its tensors",
                      "save tensors alone: torch.save(model.state_dict(), FILE)");
    damaged();
  }
  const Storage* storage_named(const Value& key) const {
    const auto found = storages_.find(key_of(key));
    if (found == storages_.end()) damaged();
    return found->second;
  }

  std::span<const std::byte> member(std::string_view name) const {
    const auto found = members_.find(name);
    if (found == members_.end()) throw DataError(file_.name, fmt::format("lacks its entry '{}'", name));
    return found->second;
  }
  Objects& objects() { return *content_.objects; }
  [[noreturn]] void damaged() const { throw DataError(file_.name, "is truncated or damaged"); }

  const Bytes& file_;
  Members members_;
  Content content_;
  std::map<std::string, const Storage*> storages_;
  std::map<std::string, const StridedTensor*> tensors_;
};

}  // namespace

bool is_tar_container(std::span<const std::byte> data) {
  if (data.size() < kBlock || !text_at(data, kMagic, 5).starts_with("ustar")) return false;
  const std::string_view name = name_of(data);
  return name == "sys_info" || name == "pickle" || name == "storages" || name == "tensors";
}

Content read_tar_container(const Bytes& file) { return TarContainer(file).read(); }

}  // namespace alexnet::pytorch
