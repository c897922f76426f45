#include <sys/stat.h>

#include <fstream>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "base/file.h"
#include "data/files/file_tree.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

class FolderTree final : public FileTree {
 public:
  explicit FolderTree(fs::path top) : top_(std::move(top)) {
    std::error_code error;
    for (fs::path p = fs::canonical(top_, error); !p.empty(); p = p.parent_path()) {
      above_.insert(identity_of(p));
      if (p == p.root_path()) break;
    }
  }

  Bytes read(const std::string& path) const override { return Bytes::own(path, read_file(top_ / path)); }
  std::size_t size(const std::string& path) const override {
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(top_ / path, error);
    return error ? 0 : static_cast<std::size_t>(bytes);
  }
  std::optional<fs::path> place(const std::string& path) const override {
    return path.empty() ? top_ : top_ / path;
  }

 protected:
  void each(const std::string& path, const Visit& visit) const override {
    const fs::path folder = top_ / path;
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error))
      if (!visit(entry->path().filename().string(), type_of(*entry))) return;
    if (error)
      throw DataError(folder.string(), "cannot be listed (" + error.message() + ")", "check its permissions");
  }

  std::string first_bytes(const std::string& path) const override {
    std::string bytes(kFileKindBytes, '\0');
    std::ifstream file(top_ / path, std::ios::binary);
    file.read(bytes.data(), static_cast<std::streamsize>(kFileKindBytes));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
  }

  bool has_file(const std::string& path) const override {
    std::error_code error;
    return fs::is_regular_file(top_ / path, error);
  }

  Identity identity(const std::string& folder) const override { return identity_of(top_ / folder); }

  std::set<Identity> ancestors(const std::string& folder) const override {
    std::set<Identity> line = above_;
    fs::path inner = top_;
    for (const fs::path& name : fs::path(folder)) line.insert(identity_of(inner /= name));
    return line;
  }

 private:
  static Type type_of(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.is_directory(error)) return Type::kFolder;
    if (entry.is_regular_file(error)) return Type::kFile;
    return entry.is_symlink(error) && !entry.exists(error) ? Type::kDeadLink : Type::kSpecial;
  }

  // Symbolic links lead to the same device and inode.
  static Identity identity_of(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino);
  }

  fs::path top_;
  std::set<Identity> above_;
};

}  // namespace

std::shared_ptr<const FileTree> open_folder(const std::filesystem::path& path) {
  return std::make_shared<FolderTree>(path);
}

}  // namespace alexnet
