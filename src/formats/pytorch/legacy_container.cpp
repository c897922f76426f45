// Pickles of a magic number, the protocol's version, the writer's machine, the object, and the keys of the
// storages; then each storage: its number of elements in 8 bytes, and the elements.
#include <fmt/format.h>

#include <cstring>
#include <unordered_map>

#include "alexnet/error.h"
#include "formats/pytorch/container.h"
#include "formats/pytorch/pickle_calls.h"
#include "formats/pytorch/pickle_reader.h"
#include "formats/pytorch/storage_bytes.h"

namespace alexnet::pytorch {
namespace {

using namespace std::string_view_literals;

// The pickle of the number 0x1950a86a20f9469cfc6c, in any protocol from 2 on.
constexpr std::string_view kMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv;
constexpr std::size_t kPlain = 2, kFramed = 11;  // bytes before it, without a frame and with one

constexpr std::int64_t kVersion = 1001;

}  // namespace

bool is_legacy_container(std::span<const std::byte> data) {
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  const std::size_t place = text.substr(0, kFramed + kMagic.size()).find(kMagic);
  return text.starts_with('\x80') && (place == kPlain || place == kFramed);
}

Content read_legacy_container(const Bytes& file) {
  Content content;
  Objects& objects = *content.objects;
  std::span<const std::byte> rest = file.data;
  read_pickle(rest, objects, file.name);
  const Value version = read_pickle(rest, objects, file.name);
  if (version != Value(kVersion)) throw DataError(file.name, "is of an unknown version of PyTorch's format");
  require_little_endian(read_pickle(rest, objects, file.name), file.name);

  // The sizes of elements, which the storages themselves do not tell.
  std::unordered_map<std::string, Element> elements;
  const Persistent storage = [&](const Value& id) -> Value {
    const Storage* found = storage_of(id, objects, file.name);
    if (elements.emplace(found->key, found->element).first->second != found->element)
      throw DataError(file.name, "is damaged: a storage has two types");
    return found;
  };
  content.root = read_pickle(rest, objects, storage, file.name);
  const auto* keys = as<Sequence>(read_pickle(rest, objects, file.name));
  if (keys == nullptr) throw DataError(file.name, "is damaged: it has no list of storages");
  for (const Value& item : keys->items) {
    const auto* key = std::get_if<std::string_view>(&item);
    const auto element = key == nullptr ? elements.end() : elements.find(std::string(*key));
    if (element == elements.end())
      throw DataError(file.name, "is damaged: it has a storage without a tensor");
    content.storages.insert_or_assign(std::string(*key), take_storage(rest, element->second, file.name));
  }
  content.version = fmt::format("protocol {}", kVersion);
  return content;
}

}  // namespace alexnet::pytorch
