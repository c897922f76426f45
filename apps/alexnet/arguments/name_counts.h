// A number for each of many names, on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

namespace alexnet::cli {

/// A table of numbers by the hash of a name, in an unnamed file: memory does not grow with their count, and a
/// kill leaves nothing behind. All functions throw DataError where the file cannot be written or read.
class NameCounts {
 public:
  /// The file lies in `folder`.
  explicit NameCounts(std::filesystem::path folder);

  /// The number of a hash; 0 where it has none.
  std::uint64_t number(std::uint64_t hash) const;
  /// Gives a hash a number, which is not 0, in place of the one it had.
  void set(std::uint64_t hash, std::uint64_t number);

 private:
  /// A place of the table, free where the number is 0.
  struct Slot {
    std::uint64_t hash = 0, number = 0;
  };

  class Table {
   public:
    Table(const std::filesystem::path& folder, std::size_t capacity);
    ~Table();
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    void swap(Table& other) noexcept;

    std::size_t capacity() const { return capacity_; }
    /// The slot of a hash, or the free one that it would get.
    std::size_t find(std::uint64_t hash, Slot& slot) const;
    void write(std::size_t at, const Slot& slot);
    void each(const std::function<void(const Slot&)>& body) const;

   private:
    void read(std::size_t at, Slot* slots, std::size_t count) const;

    std::filesystem::path folder_;
    std::size_t capacity_;  // slots, a power of two
    int descriptor_;
  };

  const std::filesystem::path folder_;
  Table table_;
  std::size_t used_ = 0;
};

}  // namespace alexnet::cli
