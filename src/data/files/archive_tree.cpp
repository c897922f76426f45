#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "base/memory.h"
#include "data/files/archive_reader.h"
#include "data/files/file_rules.h"
#include "data/files/file_tree.h"

namespace alexnet {
namespace {

/// A path in the archive, "./a//b" as "a/b". What lies in a hidden folder is not kept: of its path only that
/// folder is.
struct InnerPath {
  std::string path;  // empty: the top, or a path that leads out of the archive
  bool hidden = false;
};

InnerPath inner_path(std::string_view path) {
  InnerPath inner;
  while (!path.empty() && !inner.hidden) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") return {};
    inner.path = alexnet::inner_path(inner.path, name);
    inner.hidden = is_hidden_name(name);
  }
  return inner;
}

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

class ArchiveTree final : public FileTree {
 public:
  explicit ArchiveTree(Bytes archive_file) : file_(std::move(archive_file)), memory_(available_memory() / 2) {
    ArchiveReader reader(file_);
    while (archive_entry* entry = reader.next()) add(reader, entry);
  }

  Bytes read(const std::string& path) const override {
    const File* file = resolve(path);
    if (file == nullptr) throw DataError(path, "is a link to a file that is not in the archive");
    if (file->kind == Kind::kSparse) throw DataError(path, "is a file that is empty for the most part");
    if (file->kind == Kind::kNoImage) throw DataError(path, "is not an image");
    if (file->kind != Kind::kRegular) throw DataError(path, "is not a regular file");
    return {path, file->bytes(), nullptr};
  }
  std::size_t size(const std::string& path) const override {
    const File* file = resolve(path);
    return file == nullptr ? 0 : file->bytes().size();
  }
  std::optional<std::filesystem::path> place(const std::string&) const override { return std::nullopt; }

 protected:
  void each(const std::string& path, const Visit& visit) const override {
    const std::string prefix = path.empty() ? "" : path + '/';
    bool more = each_inside(folders_, prefix, [&](const std::string& inner) {
      return visit(inner.substr(prefix.size()), Type::kFolder);
    });
    if (more)
      each_inside(files_, prefix, [&](const std::string& inner) {
        return visit(inner.substr(prefix.size()), type_of(inner));
      });
  }

  std::string first_bytes(const std::string& path) const override {
    const File* file = resolve(path);
    if (file == nullptr) return {};
    const auto bytes = file->bytes().first(std::min(file->bytes().size(), kFileKindBytes));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  bool has_file(const std::string& path) const override {
    const File* file = resolve(path);
    return file != nullptr && file->kind != Kind::kOther;
  }
  Identity identity(const std::string& folder) const override { return folder; }
  std::set<Identity> ancestors(const std::string&) const override { return {}; }

 private:
  enum class Kind { kRegular, kNoImage, kSparse, kLink, kOther };
  struct File {
    Kind kind = Kind::kOther;
    std::span<const std::byte> mapped;  // where a plain archive holds it in one piece
    std::vector<std::byte> kept;        // otherwise; nothing of what is no image
    std::string target;                 // of a link: path in the archive
    std::span<const std::byte> bytes() const { return kept.empty() ? mapped : std::span(kept); }
  };

  static const std::string& path_of(const std::string& path) { return path; }
  static const std::string& path_of(const std::pair<const std::string, File>& file) { return file.first; }

  /// Visits the paths that begin with a prefix and have no folder behind it, until `visit` gives false.
  template <class Paths, class Visitor>
  static bool each_inside(const Paths& paths, const std::string& prefix, const Visitor& visit) {
    for (auto it = paths.lower_bound(prefix); it != paths.end() && path_of(*it).starts_with(prefix);) {
      const std::string& path = path_of(*it);
      if (const std::size_t slash = path.find('/', prefix.size()); slash != std::string::npos) {
        it = paths.lower_bound(path.substr(0, slash) + static_cast<char>('/' + 1));  // behind that folder
        continue;
      }
      if (!visit(path)) return false;
      ++it;
    }
    return true;
  }

  const File* resolve(const std::string& path) const {
    constexpr int kMaxLinks = 16;
    auto found = files_.find(path);
    for (int links = 0; found != files_.end() && links < kMaxLinks; ++links) {
      if (found->second.kind != Kind::kLink) return &found->second;
      found = files_.find(found->second.target);
    }
    return nullptr;
  }

  Type type_of(const std::string& path) const {
    const File* file = resolve(path);
    return file == nullptr ? Type::kDeadLink : file->kind == Kind::kOther ? Type::kSpecial : Type::kFile;
  }

  void add_folders_of(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      folders_.insert(path.substr(0, slash));
  }

  void add(ArchiveReader& reader, archive_entry* entry) {
    // Names that the locale cannot show are still there as UTF-8.
    std::string name = text_of(archive_entry_pathname(entry));
    if (name.empty()) name = text_of(archive_entry_pathname_utf8(entry));
    const auto [path, hidden] = inner_path(name);
    if (path.empty()) return;
    add_folders_of(path);
    if (hidden) {
      files_.try_emplace(path);
      return;
    }
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      folders_.insert(path);
      return;
    }
    File file;
    if (const char* hard = archive_entry_hardlink(entry)) {
      file.kind = Kind::kLink;
      file.target = inner_path(hard).path;
    } else if (archive_entry_filetype(entry) == AE_IFLNK) {
      file.kind = Kind::kLink;
      const std::filesystem::path target =
          std::filesystem::path(path).parent_path() / text_of(archive_entry_symlink(entry));
      file.target = inner_path(target.lexically_normal().string()).path;
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      file.kind = Kind::kRegular;
      read_content(reader, entry, is_named_like_image(path), file);
      file.kept.shrink_to_fit();
    }
    files_.insert_or_assign(path, std::move(file));
  }

  // A plain archive's blocks are pointers into the mapping; unpacked ones have to be kept, if they are an
  // image's. Sizes in headers are not believed: memory is taken for what is there.
  void read_content(ArchiveReader& reader, archive_entry* entry, bool named_like_image, File& file) {
    const auto size = static_cast<std::size_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    std::size_t stored = 0;
    ArchiveReader::Block block;
    while (reader.next_block(block)) {
      const std::span<const std::byte> bytes = block.bytes;
      if (bytes.empty()) continue;
      if (bytes.size() == size && lies_in_file(bytes)) {
        file.mapped = bytes;
        continue;
      }
      if (stored == 0 && !named_like_image && !is_image(block)) {
        file.kind = Kind::kNoImage;
        return;
      }
      const bool first = stored == 0;
      stored += bytes.size();
      // Holes of sparse files would take memory that nothing in the archive pays for.
      constexpr std::size_t kHoles = std::size_t{1} << 20;
      if (block.offset > std::numeric_limits<std::size_t>::max() / 2 ||
          block.offset + bytes.size() > 2 * stored + kHoles) {
        file.kind = Kind::kSparse;
        memory_left_ += std::exchange(file.kept, {}).size();
        return;
      }
      if (first) check_room(size);
      keep(file, block);
    }
  }

  static bool is_image(const ArchiveReader::Block& block) {
    return block.offset == 0 && begins_like_image({reinterpret_cast<const char*>(block.bytes.data()),
                                                   std::min(block.bytes.size(), kFileKindBytes)});
  }

  void keep(File& file, const ArchiveReader::Block& block) {
    const std::size_t end = block.offset + block.bytes.size();
    if (end > file.kept.size()) {
      check_room(end - file.kept.size());
      memory_left_ -= end - file.kept.size();
      file.kept.resize(end);
    }
    std::memcpy(file.kept.data() + block.offset, block.bytes.data(), block.bytes.size());
  }

  void check_room(std::size_t bytes) const {
    if (bytes > memory_left_)
      throw DataError(file_.name,
                      "unpacks to more than the " + memory_text(memory_) + " that may be kept in memory",
                      "unpack it into a folder or a plain .tar");
  }

  bool lies_in_file(std::span<const std::byte> bytes) const {
    const std::span<const std::byte> all = file_.data;
    return std::greater_equal<>()(bytes.data(), all.data()) &&
           std::less_equal<>()(bytes.data() + bytes.size(), all.data() + all.size());
  }

  Bytes file_;
  const std::size_t memory_;
  std::size_t memory_left_ = memory_;
  std::map<std::string, File, std::less<>> files_;
  std::set<std::string, std::less<>> folders_;
};

}  // namespace

std::shared_ptr<const FileTree> open_archive(Bytes archive) {
  return std::make_shared<ArchiveTree>(std::move(archive));
}

}  // namespace alexnet
