// The beginning of a file that is being fetched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

namespace alexnet {

/// PATH.part, open and locked. It stays when the object goes, so that what is in it need not be fetched
/// again.
class PartFile {
 public:
  /// Opens or makes it. While another process has it locked, `waiting` is called with its size, several times
  /// a second. DataError when it cannot be opened.
  PartFile(std::filesystem::path path, const std::function<void(std::uint64_t)>& waiting);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return part_; }
  std::uint64_t size() const { return size_; }
  /// Adds bytes at its end. DataError: a full disk, for example.
  void append(std::span<const std::byte> bytes);
  /// Makes it empty.
  void restart();
  /// Gives it its final name. Nothing can be added any more.
  void commit();
  void remove();

 private:
  bool lock(const std::function<void(std::uint64_t)>& waiting);
  [[noreturn]] void fail(const char* doing) const;

  std::filesystem::path path_, part_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace alexnet
