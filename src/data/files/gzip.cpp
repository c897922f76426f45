#include "data/files/gzip.h"

#include <algorithm>
#include <new>
#include <utility>

#include "alexnet/error.h"
#include "fmt/format.h"

namespace alexnet {

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() > 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

Gunzip::Gunzip(std::span<const std::byte> packed, std::string where)
    : packed_(packed), where_(std::move(where)) {
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream_, kGzip) != Z_OK) throw std::bad_alloc();
}

Gunzip::~Gunzip() { inflateEnd(&stream_); }

std::size_t Gunzip::read(std::span<std::byte> out) {
  constexpr std::size_t kStep = std::size_t{1} << 30;  // zlib counts in 32 bits
  std::size_t made = 0;
  while (made < out.size() && !ended_) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed_.data() + used_));
    stream_.avail_in = static_cast<uInt>(std::min(packed_.size() - used_, kStep));
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + made);
    stream_.avail_out = static_cast<uInt>(std::min(out.size() - made, kStep));
    const uInt in = stream_.avail_in, room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    used_ += in - stream_.avail_in;
    made += room - stream_.avail_out;
    if (status == Z_STREAM_END) {  // another member may follow
      ended_ = !is_gzip(packed_.subspan(used_));
      if (!ended_) inflateReset(&stream_);
    } else if (status == Z_BUF_ERROR) {
      throw DataError(where_, "is truncated: its gzip data ends too early", "download or copy it again");
    } else if (status != Z_OK) {
      throw DataError(where_, fmt::format("is damaged ({})", stream_.msg ? stream_.msg : "not gzip"),
                      "download or copy it again");
    }
  }
  return made;
}

std::vector<std::byte> gunzip(std::span<const std::byte> packed, std::size_t max, const std::string& where) {
  constexpr std::size_t kFirst = 64 << 10;
  Gunzip source(packed, where);
  std::vector<std::byte> plain;
  std::size_t made = 0;
  do {
    plain.resize(std::min(max, std::max(kFirst, 2 * made)));
    made += source.read(std::span(plain).subspan(made));
  } while (made == plain.size() && made < max);
  plain.resize(made);
  return plain;
}

}  // namespace alexnet
