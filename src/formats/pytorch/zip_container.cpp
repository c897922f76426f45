// NAME/data.pkl is the pickle, NAME/data/KEY the storages, NAME/version and NAME/byteorder short texts.
#include <fmt/format.h>

#include "alexnet/error.h"
#include "formats/pytorch/container.h"
#include "formats/pytorch/pickle_calls.h"
#include "formats/pytorch/pickle_reader.h"
#include "formats/zip/zip_directory.h"

namespace alexnet::pytorch {
namespace {

constexpr std::string_view kPickle = "data.pkl";

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What stands before "data.pkl" in the name of the pickle, and before all other names: "NAME/".
std::string_view folder_of_pickle(const ZipEntries& entries, const std::string& where) {
  for (const auto& [name, content] : entries) {
    const std::string_view folder = name.substr(0, name.find('/') + 1);
    if (name.substr(folder.size()) == kPickle) return folder;
  }
  throw DataError(where, "is an archive of torch.export, whose network and tensors cannot be read",
                  "save the tensors alone: torch.save(torch.export.load(FILE).state_dict, OTHER)");
}

class ZipContainer {
 public:
  explicit ZipContainer(const Bytes& file)
      : file_(file), entries_(read_zip_directory(file)), folder_(folder_of_pickle(entries_, file.name)) {}

  Content read() {
    if (entry("byteorder") == "big")
      throw DataError(file_.name, "was written on a big-endian machine", "load and save it with PyTorch");
    Content content;
    const std::string storages = std::string(folder_) + "data/";
    for (const auto& [name, entry] : entries_)
      if (name.starts_with(storages))
        content.storages.emplace(name.substr(storages.size()), plain_content(name, entry));
    const std::string name = std::string(folder_).append(kPickle);
    std::span<const std::byte> pickle = plain_content(name, entries_.at(name));
    const Persistent storage = [&](const Value& id) -> Value {
      return storage_of(id, *content.objects, file_.name);
    };
    content.root = read_pickle(pickle, *content.objects, storage, file_.name);
    if (!entry("constants.pkl").empty()) content.producer = "PyTorch (TorchScript)";
    content.version = fmt::format("zip archive of version {}", entry("version"));
    return content;
  }

 private:
  std::span<const std::byte> plain_content(std::string_view name, const ZipEntry& entry) const {
    if (!entry.packed) return entry.content;
    throw DataError(file_.name, fmt::format("its entry '{}' is compressed, which PyTorch does not do", name),
                    "save it again with torch.save");
  }

  /// A short text, without white space at its end; empty where there is none.
  std::string_view entry(std::string_view name) const {
    constexpr std::size_t kLongest = 64;
    const auto found = entries_.find(std::string(folder_).append(name));
    if (found == entries_.end()) return {};
    const std::string_view text = text_of(found->second.content).substr(0, kLongest);
    return text.substr(0, text.find_last_not_of(" \n\r") + 1);
  }

  const Bytes& file_;
  ZipEntries entries_;
  std::string_view folder_;
};

}  // namespace

bool is_zip_container(std::span<const std::byte> data) {
  // The writers of PyTorch start with one of these: recognised where the end of the file is missing, too.
  const std::string_view name = first_zip_entry(data);
  const std::string_view inside = name.substr(name.find('/') + 1);
  return inside == kPickle || inside == "data/0" || inside == "archive_format" ||
         inside.starts_with("data/weights/");
}

Content read_zip_container(const Bytes& file) { return ZipContainer(file).read(); }

}  // namespace alexnet::pytorch
