// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 to 4.5.
#include "formats/zip/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "alexnet/error.h"

namespace alexnet {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50,
                        kEnd64 = 0x06064b50, kEnd64Locator = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20;
constexpr std::uint32_t kElsewhere = 0xffffffff;  // a 64-bit number holds the value
constexpr std::uint16_t kEncrypted = 1, kSizesBehind = 8;

struct Entry {
  std::string_view name;
  std::uint16_t flags = 0, method = 0;
  std::uint64_t packed = 0, size = 0, header = 0;
  std::size_t begin = 0;  // of the content
};

class ZipReader {
 public:
  explicit ZipReader(const Bytes& file) : file_(file), data_(file.data) {}

  ZipEntries read() {
    std::vector<Entry> entries = central_directory();
    for (Entry& entry : entries) check_local_header(entry);
    require_apart(entries);
    ZipEntries contents;
    for (const Entry& entry : entries)
      if (!contents.emplace(entry.name, ZipEntry{data_.subspan(entry.begin, entry.packed), entry.method != 0})
               .second)
        fail(fmt::format("has two entries '{}'", entry.name));
    return contents;
  }

 private:
  std::vector<Entry> central_directory() {
    const std::size_t end = end_record();
    std::uint64_t count = number<std::uint16_t>(end + 10), begin = number<std::uint32_t>(end + 16);
    limit_ = end;
    if (end >= kLocatorSize && number<std::uint32_t>(end - kLocatorSize) == kEnd64Locator) {
      const auto end64 = number<std::uint64_t>(end - kLocatorSize + 8);
      if (end64 > end || end - end64 < kEnd64Size || number<std::uint32_t>(end64) != kEnd64) damaged();
      count = number<std::uint64_t>(end64 + 32);
      begin = number<std::uint64_t>(end64 + 48);
      limit_ = end64;
    }
    if (begin > limit_ || count > (limit_ - begin) / kCentralSize) damaged();
    std::vector<Entry> entries;
    std::size_t at = begin;
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(central_header(at));
    limit_ = begin;
    return entries;
  }

  /// The last of its kind: a comment of up to 64 KiB may follow.
  std::size_t end_record() const {
    constexpr std::size_t kLongestComment = 65'535;
    for (std::size_t back = kEndSize; back <= std::min(data_.size(), kEndSize + kLongestComment); ++back) {
      const std::size_t at = data_.size() - back;
      if (number<std::uint32_t>(at) == kEnd && number<std::uint16_t>(at + 20) == back - kEndSize) return at;
    }
    fail("is truncated or damaged: the directory at its end is missing");
  }

  Entry central_header(std::size_t& at) const {
    if (limit_ - at < kCentralSize || number<std::uint32_t>(at) != kCentralHeader) damaged();
    Entry entry;
    entry.flags = number<std::uint16_t>(at + 8);
    entry.method = number<std::uint16_t>(at + 10);
    entry.packed = number<std::uint32_t>(at + 20);
    entry.size = number<std::uint32_t>(at + 24);
    entry.header = number<std::uint32_t>(at + 42);
    const std::size_t name = number<std::uint16_t>(at + 28), extra = number<std::uint16_t>(at + 30),
                      comment = number<std::uint16_t>(at + 32);
    if (limit_ - at - kCentralSize < name + extra + comment) damaged();
    entry.name = text(at + kCentralSize, name);
    read_long_numbers(at + kCentralSize + name, extra, {&entry.size, &entry.packed, &entry.header});
    at += kCentralSize + name + extra + comment;
    return entry;
  }

  /// The extra field 1 holds those numbers, in this order, that do not fit into 32 bits.
  void read_long_numbers(std::size_t at, std::size_t length,
                         std::initializer_list<std::uint64_t*> numbers) const {
    const std::size_t end = at + length;
    while (end - at >= 4) {
      const auto kind = number<std::uint16_t>(at);
      const std::size_t size = number<std::uint16_t>(at + 2);
      at += 4;
      if (size > end - at) damaged();
      std::size_t next = at;
      if (kind == 1)
        for (std::uint64_t* value : numbers) {
          if (*value != kElsewhere) continue;
          if (at + size - next < sizeof *value) damaged();
          *value = number<std::uint64_t>(next);
          next += sizeof *value;
        }
      at += size;
    }
  }

  void check_local_header(Entry& entry) const {
    if (entry.header > limit_ || limit_ - entry.header < kLocalSize) damaged();
    const std::size_t at = entry.header;
    if (number<std::uint32_t>(at) != kLocalHeader) damaged();
    const auto flags = number<std::uint16_t>(at + 6), method = number<std::uint16_t>(at + 8);
    std::uint64_t packed = number<std::uint32_t>(at + 18), size = number<std::uint32_t>(at + 22);
    const std::size_t name = number<std::uint16_t>(at + 26), extra = number<std::uint16_t>(at + 28);
    if (limit_ - at - kLocalSize < name + extra) damaged();
    read_long_numbers(at + kLocalSize + name, extra, {&size, &packed});
    if (((flags | entry.flags) & kEncrypted) != 0)
      fail(fmt::format("its entry '{}' is encrypted", entry.name));
    const bool sizes_behind = (flags & kSizesBehind) != 0 && packed == 0 && size == 0;
    if (text(at + kLocalSize, name) != entry.name || method != entry.method ||
        (method == 0 && entry.packed != entry.size) ||
        (!sizes_behind && (packed != entry.packed || size != entry.size)))
      fail(fmt::format("is damaged: its directory and its entry '{}' contradict each other", entry.name));
    entry.begin = at + kLocalSize + name + extra;
    if (entry.packed > limit_ - entry.begin) damaged();
  }

  void require_apart(std::vector<Entry>& entries) const {
    std::ranges::sort(entries, {}, &Entry::header);
    for (std::size_t i = 1; i < entries.size(); ++i)
      if (entries[i].header < entries[i - 1].begin + entries[i - 1].packed)
        fail(fmt::format("is damaged: its entry '{}' overlaps another", entries[i].name));
  }

  template <class T>
  T number(std::size_t at) const {
    if (at > data_.size() || data_.size() - at < sizeof(T)) damaged();
    T value{};
    std::memcpy(&value, data_.data() + at, sizeof value);  // little-endian, as this machine
    return value;
  }
  std::string_view text(std::size_t at, std::size_t length) const {
    return {reinterpret_cast<const char*>(data_.data()) + at, length};
  }

  [[noreturn]] void damaged() const {
    fail("is truncated or damaged: its directory points to what is not there");
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(file_.name, problem, "copy the file again, or save it again");
  }

  const Bytes& file_;
  std::span<const std::byte> data_;
  std::size_t limit_ = 0;  // where the directory begins: no entry may reach beyond
};

}  // namespace

ZipEntries read_zip_directory(const Bytes& file) { return ZipReader(file).read(); }

std::string_view first_zip_entry(std::span<const std::byte> data) {
  constexpr std::string_view kStart = "PK\x03\x04";
  constexpr std::size_t kNameLength = 26;
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  if (!text.starts_with(kStart) || text.size() < kLocalSize) return {};
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(data[i]); };
  return text.substr(kLocalSize, byte(kNameLength) | byte(kNameLength + 1) << 8);
}

}  // namespace alexnet
