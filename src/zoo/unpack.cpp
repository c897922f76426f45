#include "zoo/unpack.h"

#include <fmt/format.h>

#include <fstream>
#include <vector>

#include "alexnet/error.h"
#include "base/file.h"
#include "data/files/archive_reader.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{8} << 30;
constexpr std::size_t kMostFiles = 1'000'000;

class Unpacking {
 public:
  Unpacking(const Bytes& archive, const std::string& inside,
            const std::map<std::string, std::string>& renamed, const fs::path& folder)
      : archive_(archive), inside_(inside), renamed_(renamed), folder_(folder) {}

  void run(const std::function<void(std::uint64_t)>& written) {
    ArchiveReader reader(archive_);
    while (archive_entry* entry = reader.next()) {
      const char* name = archive_entry_pathname(entry);
      if (name == nullptr) refuse("a file without a name");
      const std::vector<std::string> path = components(name);
      const auto type = archive_entry_filetype(entry);
      if (archive_entry_hardlink(entry) != nullptr || (type != AE_IFREG && type != AE_IFDIR))
        refuse(fmt::format("'{}', which is a link or a device", name));
      if (type == AE_IFDIR || !wanted(path)) continue;
      if (++files_ > kMostFiles) refuse(fmt::format("more than {} files", kMostFiles));
      write(reader, place(path), name);
      written(bytes_);
    }
    if (files_ == 0) refuse(fmt::format("no files in '{}'", inside_));
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw DataError(archive_.name, "holds " + what, "it is not unpacked");
  }

  /// The names in a path, without ".".
  std::vector<std::string> components(std::string_view path) const {
    std::vector<std::string> names;
    const bool absolute = path.starts_with('/');
    for (std::size_t end = 0; !path.empty(); path.remove_prefix(std::min(end + 1, path.size()))) {
      end = std::min(path.find('/'), path.size());
      if (end > 0 && path.substr(0, end) != ".") names.emplace_back(path.substr(0, end));
      if (absolute || (!names.empty() && names.back() == "..")) refuse("a path that leads out of it");
    }
    return names;
  }

  bool wanted(const std::vector<std::string>& path) const {
    const bool list = !renamed_.empty() && fs::path(path.empty() ? "" : path.back()).extension() == ".csv";
    return path.size() > 1 && path.front() == inside_ && !list;
  }

  /// Where a file comes to lie: without the folder around it all, and with its class folder's new name.
  fs::path place(const std::vector<std::string>& path) const {
    fs::path place = folder_;
    for (std::size_t i = 1; i < path.size(); ++i) {
      const auto other = renamed_.find(path[i]);
      place /= other == renamed_.end() || i + 1 == path.size() ? path[i] : other->second;
    }
    return place;
  }

  void write(ArchiveReader& reader, const fs::path& file, const char* name) {
    make_folder(file.parent_path());
    std::error_code error;
    if (fs::exists(file, error)) refuse(fmt::format("'{}' twice", name));
    std::ofstream out(file, std::ios::binary);
    std::uint64_t size = 0;
    for (ArchiveReader::Block block; reader.next_block(block);) {
      if (block.offset != size) refuse(fmt::format("'{}', which has holes", name));
      size += block.bytes.size();
      if (bytes_ + size > kMostBytes) refuse(fmt::format("more than {} bytes", kMostBytes));
      out.write(reinterpret_cast<const char*>(block.bytes.data()),
                static_cast<std::streamsize>(block.bytes.size()));
    }
    bytes_ += size;
    if (!out.flush())
      throw DataError(file.string(), "cannot be written", "check the free space and the permissions");
  }

  const Bytes& archive_;
  const std::string& inside_;
  const std::map<std::string, std::string>& renamed_;
  const fs::path& folder_;
  std::size_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

void unpack(const Bytes& archive, const std::string& inside,
            const std::map<std::string, std::string>& renamed, const fs::path& folder,
            const std::function<void(std::uint64_t)>& written) {
  Unpacking(archive, inside, renamed, folder).run(written);
}

}  // namespace alexnet
