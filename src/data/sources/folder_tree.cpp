#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "base/file.h"
#include "data/sources/file_tree.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

// A folder is itself under any name: symbolic links lead to the same device and inode.
using Identity = std::pair<dev_t, ino_t>;

Identity identity(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

class FolderTree final : public FileTree {
 public:
  explicit FolderTree(fs::path top) : top_(std::move(top)) {
    std::error_code error;
    for (fs::path p = fs::canonical(top_, error); !p.empty(); p = p.parent_path()) {
      above_.insert(identity(p));
      if (p == p.root_path()) break;
    }
  }

  std::vector<std::string> folders(const std::string& path) const override {
    const std::set<Identity> seen = line_of(path);
    std::vector<std::string> names;
    each_entry(top_ / path, [&](const fs::path& entry, bool is_folder) {
      if (is_folder && !seen.contains(identity(entry))) names.push_back(entry.filename().string());
    });
    std::sort(names.begin(), names.end());
    return names;
  }

  std::vector<std::string> files(const std::string& path) const override {
    std::set<Identity> seen = line_of(path);
    std::vector<std::string> found;
    walk(path, seen, found);
    std::sort(found.begin(), found.end());
    return found;
  }

  Bytes read(const std::string& path) const override { return Bytes::own(path, read_file(top_ / path)); }

 private:
  template <class Visit>
  static void each_entry(const fs::path& folder, const Visit& visit) {
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
      if (is_ignored_name(entry->path().filename().string())) continue;
      std::error_code unknown;  // a link that leads nowhere is no folder
      visit(entry->path(), entry->is_directory(unknown));
    }
    if (error)
      throw DataError(folder.string(), "cannot be listed (" + error.message() + ")", "check its permissions");
  }

  void walk(const std::string& path, std::set<Identity>& seen, std::vector<std::string>& found) const {
    each_entry(top_ / path, [&](const fs::path& entry, bool is_folder) {
      const std::string inner =
          path.empty() ? entry.filename().string() : path + '/' + entry.filename().string();
      if (!is_folder)
        found.push_back(inner);
      else if (seen.insert(identity(entry)).second)
        walk(inner, seen, found);
    });
  }

  // The folders from the root of the file system down to `path`: a link to one of them is a loop.
  std::set<Identity> line_of(const std::string& path) const {
    std::set<Identity> line = above_;
    fs::path inner = top_;
    for (const fs::path& name : fs::path(path)) line.insert(identity(inner /= name));
    return line;
  }

  fs::path top_;
  std::set<Identity> above_;
};

}  // namespace

bool is_ignored_name(std::string_view name) {
  static constexpr std::array<std::string_view, 3> kLeftBehind = {"Thumbs.db", "desktop.ini", "__MACOSX"};
  return name.starts_with('.') ||
         std::find(kLeftBehind.begin(), kLeftBehind.end(), name) != kLeftBehind.end();
}

std::shared_ptr<const FileTree> open_folder(const std::filesystem::path& path) {
  return std::make_shared<FolderTree>(path);
}

}  // namespace alexnet
