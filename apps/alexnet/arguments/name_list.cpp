#include "arguments/name_list.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/image_formats.h"

namespace alexnet::cli {
namespace {

constexpr std::size_t kMaxName = 65'536;
constexpr std::string_view kPlace = "standard input";

/// Whether what came first is an image; names alone may begin as some formats do ("BM"), but hold no control
/// characters.
bool is_an_image(std::string_view head) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\0';
  };
  return std::ranges::any_of(head, is_control) && file_kind(std::as_bytes(std::span(head))).image;
}

}  // namespace

std::optional<std::string> NameList::next() {
  while (!find()) {
    if (ended_) return std::nullopt;
    read();
  }
  return std::exchange(found_, std::nullopt);
}

bool NameList::ready() {
  while (!find() && !ended_) {
    if (!has_input()) return false;
    read();
  }
  return true;
}

/// Makes found_ the next name of what was read, if there is a whole one.
bool NameList::find() {
  while (!found_) {
    std::optional<std::string> name = cut();
    if (!name) return false;
    if (separator_ == '\n' && name->ends_with('\r')) name->pop_back();
    if (!name->empty()) found_ = std::move(name);
  }
  return true;
}

/// Takes the text up to the next separator, or to the end of the list.
std::optional<std::string> NameList::cut() {
  // A name may hold an end of line where NUL separates: NUL decides, wherever it is in what came first.
  if (!separator_ && text_.find('\0') != std::string::npos) separator_ = '\0';
  if (!separator_ && (ended_ || text_.find('\n') != std::string::npos)) separator_ = '\n';
  const std::size_t at = separator_ ? text_.find(*separator_, searched_) : std::string::npos;
  if (at == std::string::npos) {
    searched_ = separator_ ? text_.size() : 0;
    if (text_.size() > kMaxName)
      throw DataError(std::string(kPlace), "contains a name of more than 65,536 bytes",
                      "give a list with one file name per line");
    if (!ended_ || text_.empty()) return std::nullopt;
    searched_ = 0;
    return std::exchange(text_, {});
  }
  std::string name = text_.substr(0, at);
  text_.erase(0, at + 1);
  searched_ = 0;
  return name;
}

bool NameList::has_input() const {
  pollfd asked{descriptor_, POLLIN, 0};
  return ::poll(&asked, 1, 0) != 0;  // a descriptor that cannot be asked says so when it is read
}

void NameList::read() {
  // Small enough that removing a name from the front of the text costs little.
  std::array<char, 4096> buffer;
  const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
  if (size < 0 && errno == EINTR) return;
  if (size < 0)
    throw DataError(std::string(kPlace), "cannot be read (" + std::generic_category().message(errno) + ")");
  ended_ = size == 0;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
  if (decoder_)
    decoder_->decode(bytes, text_);
  else
    recognise(bytes);
}

/// Tells the encoding by the first bytes, as soon as they cannot become a byte-order mark any more.
void NameList::recognise(std::string_view bytes) {
  start_ += bytes;
  if (is_an_image(start_))
    throw DataError(std::string(kPlace), "is an image, not a list of file names",
                    "name the image's file instead of -");
  const std::optional<ByteOrderMark> mark = byte_order_mark(start_, !ended_);
  if (!mark) return;
  decoder_.emplace(mark->encoding);
  decoder_->decode(std::string_view(start_).substr(mark->bytes), text_);
}

}  // namespace alexnet::cli
