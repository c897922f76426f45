// Files by path below one top: a folder on disk, or an archive. What layouts of class folders are read from.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/image_files.h"
#include "alexnet/image_formats.h"

namespace alexnet {

/// Paths are relative to the top, '/' between names; "" is the top itself. Names are bytes, whatever their
/// encoding. Thread-safe. A place tells what lies where; which of it are images and which folders count is
/// decided here, for all places alike.
class FileTree {
 public:
  virtual ~FileTree() = default;

  /// What lies right inside a folder, by name, sorted bytewise.
  struct Content {
    std::vector<std::string> folders, images;
    PassedOver passed_over;
  };
  Content content(const std::string& path) const;

  /// All images below a folder, by path, sorted bytewise.
  struct Images {
    std::vector<std::string> paths;
    PassedOver passed_over;
  };
  Images images(const std::string& path) const;

  /// The bytes of a file, named by its path; where nothing keeps them, the tree does. DataError when it
  /// cannot be read or is no regular file.
  virtual Bytes read(const std::string& path) const = 0;
  /// How many bytes read() gives; 0 when that is not known.
  virtual std::size_t size(const std::string& path) const = 0;
  /// Where a file or folder lies on disk; nothing where it does not.
  virtual std::optional<std::filesystem::path> place(const std::string& path) const = 0;

 protected:
  enum class Type { kFolder, kFile, kDeadLink, kSpecial };
  /// Called with name and type; false: the rest does not matter.
  using Visit = std::function<bool(const std::string&, Type)>;
  /// A folder is one under any name; links lead to folders that have been seen.
  using Identity = std::string;

  /// Visits everything right inside a folder, in any order. DataError when it cannot be listed.
  virtual void each(const std::string& path, const Visit& visit) const = 0;
  /// The first bytes of a file, kFileKindBytes where it has as many; nothing when it cannot be read, or is
  /// known to be no image.
  virtual std::string first_bytes(const std::string& path) const = 0;
  virtual bool has_file(const std::string& path) const = 0;
  virtual Identity identity(const std::string& folder) const = 0;
  /// Of the folders from the root of all places down to `folder`: a link to one of them is a loop.
  virtual std::set<Identity> ancestors(const std::string& folder) const = 0;

 private:
  std::optional<Content> content_if_listed(const std::string& path) const;
  bool is_image(const std::string& path, const std::string& name) const;
  bool holds_results_only(const std::string& path, int depth) const;
  void walk(const std::string& path, Content here, std::set<Identity>& seen, Images& found) const;
};

/// "a" and "b" -> "a/b"; "" and "b" -> "b".
std::string inner_path(const std::string& folder, std::string_view name);

/// A folder on disk. Symbolic links are followed, each folder being walked once, so that loops end.
std::shared_ptr<const FileTree> open_folder(const std::filesystem::path& path);

/// A .tar, plain or packed with gzip, bzip2, xz or zstd. The files of a plain one are read where they lie;
/// the images of a packed one are kept in memory, at most half of what the machine has free. DataError when
/// it is no tar, is damaged, or needs more.
std::shared_ptr<const FileTree> open_archive(Bytes archive);

}  // namespace alexnet
