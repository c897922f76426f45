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

using namespace std::string_view_literals;

constexpr std::size_t kMaxName = 65'536;
constexpr std::string_view kPlace = "standard input";
constexpr std::array kMarks = {"\xef\xbb\xbf"sv, "\xff\xfe"sv, "\xfe\xff"sv};

void append_utf8(std::string& text, unsigned character) {
  const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    put(character);
    return;
  }
  if (character < 0x800) {
    put(0xC0 | character >> 6);
  } else {
    if (character < 0x10000) {
      put(0xE0 | character >> 12);
    } else {
      put(0xF0 | character >> 18);
      put(0x80 | (character >> 12 & 0x3F));
    }
    put(0x80 | (character >> 6 & 0x3F));
  }
  put(0x80 | (character & 0x3F));
}

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
  raw_.append(buffer.data(), static_cast<std::size_t>(size));
  if (encoding_ == Encoding::kUnknown) recognise();
  if (encoding_ != Encoding::kUnknown) decode();
}

/// Tells the encoding by the first bytes, as soon as they cannot become a byte-order mark any more.
void NameList::recognise() {
  if (is_an_image(raw_))
    throw DataError(std::string(kPlace), "is an image, not a list of file names",
                    "name the image's file instead of -");
  for (const std::string_view mark : kMarks) {
    if (raw_.starts_with(mark)) {
      encoding_ = mark.size() == 3    ? Encoding::kUtf8
                  : mark[0] == '\xff' ? Encoding::kUtf16Little
                                      : Encoding::kUtf16Big;
      raw_.erase(0, mark.size());
      return;
    }
    if (!ended_ && raw_.size() < mark.size() && mark.starts_with(raw_)) return;
  }
  encoding_ = Encoding::kUtf8;
}

void NameList::decode() {
  if (encoding_ == Encoding::kUtf8) {
    text_ += std::exchange(raw_, {});
    return;
  }
  const auto byte = [this](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(raw_[i]));
  };
  const std::size_t low = encoding_ == Encoding::kUtf16Little ? 0 : 1;
  std::size_t at = 0;
  for (; at + 2 <= raw_.size(); at += 2) decode_unit(byte(at + low) | byte(at + 1 - low) << 8);
  raw_.erase(0, at);
}

void NameList::decode_unit(unsigned unit) {
  constexpr unsigned kReplacement = 0xFFFD;
  const bool is_lead = unit >= 0xD800 && unit < 0xDC00, is_trail = unit >= 0xDC00 && unit < 0xE000;
  const unsigned lead = std::exchange(lead_, 0);
  if (lead != 0 && is_trail) {
    append_utf8(text_, 0x10000 + ((lead - 0xD800) << 10) + (unit - 0xDC00));
    return;
  }
  if (lead != 0) append_utf8(text_, kReplacement);
  if (is_lead)
    lead_ = unit;
  else
    append_utf8(text_, is_trail ? kReplacement : unit);
}

}  // namespace alexnet::cli
