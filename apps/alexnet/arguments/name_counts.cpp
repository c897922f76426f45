#include "arguments/name_counts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "alexnet/error.h"

namespace alexnet::cli {
namespace {

constexpr std::size_t kFirstCapacity = 4096;

[[noreturn]] void fail(const std::filesystem::path& folder) {
  throw DataError(folder.string(), "cannot be written into (" + std::generic_category().message(errno) + ")",
                  "check the free space and the folder's permissions");
}

int open_unnamed(const std::filesystem::path& folder) {
  int descriptor = ::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  // Not all file systems have files without names.
  std::string name = (folder / ".names-XXXXXX").string();
  descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail(folder);
  ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

NameCounts::Table::Table(const std::filesystem::path& folder, std::size_t capacity)
    : folder_(folder), capacity_(capacity), descriptor_(open_unnamed(folder)) {
  if (::ftruncate(descriptor_, static_cast<off_t>(capacity * sizeof(Slot))) == 0) return;
  ::close(descriptor_);
  fail(folder);
}

NameCounts::Table::~Table() { ::close(descriptor_); }

void NameCounts::Table::swap(Table& other) noexcept {
  std::swap(capacity_, other.capacity_);
  std::swap(descriptor_, other.descriptor_);
}

std::size_t NameCounts::Table::find(std::uint64_t hash, Slot& slot) const {
  std::size_t at = hash & (capacity_ - 1);
  for (read(at, &slot, 1); slot.number != 0 && slot.hash != hash; read(at, &slot, 1))
    at = (at + 1) & (capacity_ - 1);
  return at;
}

void NameCounts::Table::each(const std::function<void(const Slot&)>& body) const {
  std::vector<Slot> some(kFirstCapacity);
  for (std::size_t at = 0; at < capacity_; at += some.size()) {
    read(at, some.data(), some.size());
    for (const Slot& slot : some)
      if (slot.number != 0) body(slot);
  }
}

void NameCounts::Table::read(std::size_t at, Slot* slots, std::size_t count) const {
  const auto bytes = static_cast<ssize_t>(count * sizeof(Slot));
  if (::pread(descriptor_, slots, count * sizeof(Slot), static_cast<off_t>(at * sizeof(Slot))) != bytes)
    fail(folder_);
}

void NameCounts::Table::write(std::size_t at, const Slot& slot) {
  constexpr auto kBytes = static_cast<ssize_t>(sizeof(Slot));
  if (::pwrite(descriptor_, &slot, sizeof(Slot), static_cast<off_t>(at * sizeof(Slot))) != kBytes)
    fail(folder_);
}

NameCounts::NameCounts(std::filesystem::path folder)
    : folder_(std::move(folder)), table_(folder_, kFirstCapacity) {}

std::uint64_t NameCounts::number(std::uint64_t hash) const {
  Slot slot;
  table_.find(hash, slot);
  return slot.number;
}

void NameCounts::set(std::uint64_t hash, std::uint64_t number) {
  if (2 * (used_ + 1) > table_.capacity()) {
    Table larger(folder_, 4 * table_.capacity());
    table_.each([&](const Slot& slot) {
      Slot free;
      larger.write(larger.find(slot.hash, free), slot);
    });
    table_.swap(larger);
  }
  Slot before;
  const std::size_t at = table_.find(hash, before);
  if (before.number == 0) ++used_;
  table_.write(at, {hash, number});
}

}  // namespace alexnet::cli
