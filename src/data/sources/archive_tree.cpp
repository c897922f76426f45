#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "base/memory.h"
#include "data/sources/file_tree.h"

namespace alexnet {
namespace {

struct CloseArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

// "./a//b" -> "a/b". Nothing for what is to be ignored, and for paths that lead out of the archive.
std::optional<std::string> inner_path(std::string_view path) {
  std::string clean;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (is_ignored_name(name)) return std::nullopt;  // ".." too
    if (!clean.empty()) clean += '/';
    clean += name;
  }
  return clean;
}

class ArchiveTree final : public FileTree {
 public:
  explicit ArchiveTree(Bytes archive_file) : file_(std::move(archive_file)), memory_(available_memory() / 2) {
    const Archive archive(archive_read_new());
    archive_read_support_format_tar(archive.get());
    archive_read_support_filter_gzip(archive.get());
    archive_read_support_filter_bzip2(archive.get());
    archive_read_support_filter_xz(archive.get());
    archive_read_support_filter_zstd(archive.get());
    archive_entry* entry = nullptr;
    int status = archive_read_open_memory(archive.get(), file_.data.data(), file_.data.size());
    if (status == ARCHIVE_OK) status = archive_read_next_header(archive.get(), &entry);
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN && status != ARCHIVE_EOF)
      throw DataError(file_.name,
                      "is not a data set: expected a folder, an IDX image file or a tar archive (" +
                          text_of(archive_error_string(archive.get())) + ")",
                      "name one of these");
    while (status == ARCHIVE_OK || status == ARCHIVE_WARN) {
      add(archive.get(), entry);
      status = archive_read_next_header(archive.get(), &entry);
    }
    if (status != ARCHIVE_EOF) throw_damaged(archive.get());
  }

  std::vector<std::string> folders(const std::string& path) const override {
    std::vector<std::string> names;
    const std::string prefix = path.empty() ? "" : path + '/';
    for (auto it = folders_.lower_bound(prefix); it != folders_.end() && it->starts_with(prefix); ++it)
      if (it->find('/', prefix.size()) == std::string::npos) names.push_back(it->substr(prefix.size()));
    return names;
  }

  std::vector<std::string> files(const std::string& path) const override {
    std::vector<std::string> found;
    const std::string prefix = path.empty() ? "" : path + '/';
    for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix); ++it)
      found.push_back(it->first);
    return found;
  }

  Bytes read(const std::string& path) const override {
    constexpr int kMaxLinks = 16;
    auto found = files_.find(path);
    for (int links = 0; found != files_.end() && links < kMaxLinks; ++links) {
      const File& file = found->second;
      if (file.kind == Kind::kOther) throw DataError(path, "is not a regular file");
      if (file.kind == Kind::kRegular) return {path, file.bytes(), nullptr};
      found = files_.find(file.target);
    }
    throw DataError(path, "is a link to a file that is not in the archive");
  }

 private:
  enum class Kind { kRegular, kLink, kOther };
  struct File {
    Kind kind = Kind::kOther;
    std::span<const std::byte> mapped;  // where a plain archive holds it in one piece
    std::vector<std::byte> kept;        // otherwise
    std::string target;                 // of a link: path in the archive
    std::span<const std::byte> bytes() const { return kept.empty() ? mapped : std::span(kept); }
  };

  void add(archive* a, archive_entry* entry) {
    // Names that the locale cannot show are still there as UTF-8.
    std::string name = text_of(archive_entry_pathname(entry));
    if (name.empty()) name = text_of(archive_entry_pathname_utf8(entry));
    const std::optional<std::string> path = inner_path(name);
    if (!path || path->empty()) return;
    for (std::size_t slash = path->find('/'); slash != std::string::npos; slash = path->find('/', slash + 1))
      folders_.insert(path->substr(0, slash));
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      folders_.insert(*path);
      return;
    }
    File file;
    if (const char* hard = archive_entry_hardlink(entry)) {
      file.kind = Kind::kLink;
      file.target = inner_path(hard).value_or("");
    } else if (archive_entry_filetype(entry) == AE_IFLNK) {
      file.kind = Kind::kLink;
      const std::filesystem::path target =
          std::filesystem::path(*path).parent_path() / text_of(archive_entry_symlink(entry));
      file.target = inner_path(target.lexically_normal().string()).value_or("");
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      file.kind = Kind::kRegular;
      read_content(a, entry, file);
    }
    files_.insert_or_assign(*path, std::move(file));
  }

  // A plain archive's blocks are pointers into the mapping; unpacked (and sparse) ones have to be kept.
  void read_content(archive* a, archive_entry* entry, File& file) {
    const auto size = static_cast<std::size_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    const void* block = nullptr;
    std::size_t length = 0;
    la_int64_t offset = 0;
    int status = ARCHIVE_OK;
    while ((status = archive_read_data_block(a, &block, &length, &offset)) == ARCHIVE_OK) {
      if (length == 0) continue;
      const std::span bytes(static_cast<const std::byte*>(block), length);
      if (length == size && lies_in_file(bytes)) {
        file.mapped = bytes;
        continue;
      }
      if (file.kept.empty()) keep(file, size);
      if (length > size || static_cast<std::size_t>(offset) > size - length) throw_damaged(a);
      std::memcpy(file.kept.data() + offset, block, length);
    }
    if (status != ARCHIVE_EOF) throw_damaged(a);
  }

  void keep(File& file, std::size_t size) {
    if (size > memory_left_)
      throw DataError(file_.name,
                      "unpacks to more than the " + gigabytes(memory_) + " that may be kept in memory",
                      "unpack it into a folder or a plain .tar");
    memory_left_ -= size;
    file.kept.resize(size);
  }

  bool lies_in_file(std::span<const std::byte> bytes) const {
    const std::span<const std::byte> all = file_.data;
    return std::greater_equal<>()(bytes.data(), all.data()) &&
           std::less_equal<>()(bytes.data() + bytes.size(), all.data() + all.size());
  }

  [[noreturn]] void throw_damaged(archive* a) const {
    throw DataError(file_.name, "is damaged or truncated (" + text_of(archive_error_string(a)) + ")",
                    "make or copy the archive again");
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
