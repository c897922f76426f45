#include "tests/data/fixtures.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body +
         big_endian(static_cast<std::uint32_t>(sum));
}

}  // namespace

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string png(int width, int height, int gray) {
  std::string rows;
  for (int y = 0; y < height; ++y)
    rows += '\0' + std::string(static_cast<std::size_t>(width), static_cast<char>(gray));
  std::string packed(compressBound(rows.size()), '\0');
  uLongf length = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &length, reinterpret_cast<const Bytef*>(rows.data()),
           rows.size());
  packed.resize(length);
  const std::string header = big_endian(static_cast<std::uint32_t>(width)) +
                             big_endian(static_cast<std::uint32_t>(height)) + std::string("\x08\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", packed) + chunk("IEND", "");
}

std::string gzip(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

void write_images(const fs::path& top, const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) write(top / paths[i], png(4, 4, static_cast<int>(i % 256)));
}

namespace {

/// `a`: made, its format set.
std::string write_archive(archive* a, const std::vector<Member>& members) {
  std::string bytes;
  archive_write_set_bytes_in_last_block(a, 1);  // no padding after packed data
  const auto append = [](archive*, void* to, const void* data, std::size_t size) -> la_ssize_t {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  };
  archive_write_open(a, &bytes, nullptr, append, nullptr);
  for (const Member& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.path.c_str());
    archive_entry_set_perm(entry, 0644);
    const bool link = member.content.starts_with("-> ");
    const bool folder = member.path.ends_with('/');
    archive_entry_set_filetype(entry, folder ? AE_IFDIR : link ? AE_IFLNK : AE_IFREG);
    if (link) archive_entry_set_symlink(entry, member.content.c_str() + 3);
    archive_entry_set_size(entry, link ? 0 : static_cast<la_int64_t>(member.content.size()));
    archive_write_header(a, entry);
    if (!link && !folder) archive_write_data(a, member.content.data(), member.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(a);
  archive_write_free(a);
  return bytes;
}

}  // namespace

std::string tar(const std::vector<Member>& members, int filter) {
  archive* a = archive_write_new();
  archive_write_set_format_pax_restricted(a);
  if (filter != 0) archive_write_add_filter(a, filter);
  return write_archive(a, members);
}

std::string zip(const std::vector<Member>& members, bool packed) {
  archive* a = archive_write_new();
  archive_write_set_format_zip(a);
  archive_write_set_options(a, packed ? "zip:compression=deflate" : "zip:compression=store");
  return write_archive(a, members);
}

std::vector<Member> members_of(const fs::path& folder, const std::string& prefix) {
  std::vector<Member> members;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = prefix + fs::relative(entry.path(), folder).string();
    if (entry.is_directory()) {
      members.push_back({path + '/', ""});
    } else {
      std::ifstream file(entry.path(), std::ios::binary);
      members.push_back({path, std::string(std::istreambuf_iterator<char>(file), {})});
    }
  }
  return members;
}

std::string idx_images(std::size_t count) {
  std::string bytes =
      big_endian(0x803) + big_endian(static_cast<std::uint32_t>(count)) + big_endian(2) + big_endian(3);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t p = 0; p < 6; ++p) bytes += static_cast<char>(10 * i + p);
  return bytes;
}

std::string idx_labels(const std::vector<int>& labels) {
  std::string bytes = big_endian(0x801) + big_endian(static_cast<std::uint32_t>(labels.size()));
  for (const int label : labels) bytes += static_cast<char>(label);
  return bytes;
}

std::vector<std::pair<std::string, int>> listing(const ImageSource& source) {
  std::vector<std::pair<std::string, int>> all;
  for (std::size_t i = 0; i < source.size(); ++i) all.emplace_back(source.name(i), source.label(i));
  return all;
}

Image FormulaSource::load(std::size_t i, int channels) const {
  if (bad_.contains(i)) throw DataError(name(i), "is broken");
  Image image{static_cast<int>(i % 3) + 6, static_cast<int>(i % 2) + 7, channels, {}};
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < channels; ++c)
        image.pixels.push_back(
            static_cast<std::uint8_t>((17 * static_cast<int>(i) + 5 * x + 3 * y + 50 * c) % 251));
  return image;
}

}  // namespace alexnet::test
