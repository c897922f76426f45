// Protobuf's text format: "name: value" and "name { ... }", comments from '#' to the end of a line.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "alexnet/error.h"
#include "formats/caffe/message.h"

namespace alexnet::caffe {
namespace {

constexpr int kMaxDepth = 16;  // Caffe's messages need four

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' || c == '+';
}

class TextReader {
 public:
  TextReader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Message read() {
    Message message;
    read_fields(message, '\0', 0);
    if (at_ < text_.size()) fail("has a zero byte: it is not a text");
    return message;
  }

 private:
  /// Up to the bracket that closes the message; of the outermost, up to the end.
  void read_fields(Message& message, char close, int depth) {
    if (depth > kMaxDepth) fail("has messages within messages that are too deep");
    for (skip_space(); peek() != close; skip_space()) {
      if (at_ == text_.size()) fail(fmt::format("ends before '{}'", close));
      const std::string_view name = word("the name of a field");
      if (++fields_ > kMaxFields) fail(fmt::format("has more than {} fields", kMaxFields));
      const bool colon = take(':');
      skip_space();
      if (take('[')) {
        read_list(message, name, depth);
      } else if (peek() == '{' || peek() == '<') {
        message.add(name, read_message(depth));
      } else {
        if (!colon) fail(fmt::format("':' or '{{' is missing behind '{}'", shown(name)));
        message.add(name, value());
      }
      if (!take(',')) take(';');
    }
    if (at_ < text_.size()) ++at_;
  }

  Message read_message(int depth) {
    const char close = text_[at_++] == '{' ? '}' : '>';
    Message message;
    read_fields(message, close, depth + 1);
    return message;
  }

  void read_list(Message& message, std::string_view name, int depth) {
    for (skip_space(); !take(']'); skip_space()) {
      if (++fields_ > kMaxFields) fail(fmt::format("has more than {} fields", kMaxFields));
      if (peek() == '{' || peek() == '<')
        message.add(name, read_message(depth));
      else
        message.add(name, value());
      skip_space();
      if (!take(',') && peek() != ']') fail("',' or ']' is missing in a list");
    }
  }

  std::string value() {
    skip_space();
    if (peek() != '"' && peek() != '\'') return std::string(word("a value"));
    std::string all;
    for (; peek() == '"' || peek() == '\''; skip_space()) all += quoted();  // texts side by side are one
    return all;
  }

  std::string quoted() {
    const char quote = text_[at_++];
    std::string text;
    for (;; ++at_) {
      if (at_ == text_.size() || text_[at_] == '\n') fail("has a text without an end");
      if (text_[at_] == quote) break;
      if (text_[at_] != '\\') {
        text += text_[at_];
        continue;
      }
      if (++at_ == text_.size()) fail("has a text without an end");
      text += escaped();
    }
    ++at_;
    return text;
  }

  /// The character behind a backslash, of which octal numbers have up to three digits.
  char escaped() {
    constexpr std::string_view kLetters = "abfnrtv", kMeant = "\a\b\f\n\r\t\v";
    const char letter = text_[at_];
    if (const std::size_t i = kLetters.find(letter); i != std::string_view::npos) return kMeant[i];
    const auto is_octal = [&](std::size_t at) {
      return at < text_.size() && text_[at] >= '0' && text_[at] <= '7';
    };
    if (!is_octal(at_)) return letter;
    int code = letter - '0';
    for (int digits = 1; digits < 3 && is_octal(at_ + 1); ++digits) code = 8 * code + (text_[++at_] - '0');
    return static_cast<char>(code);
  }

  std::string_view word(const char* what) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    if (begin == at_) fail(fmt::format("{} is missing before '{}'", what, shown(text_.substr(at_, 1))));
    return text_.substr(begin, at_ - begin);
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (std::isspace(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '#'))
      if (text_[at_] == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else
        ++at_;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    skip_space();
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void fail(const std::string& problem) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw DataError(fmt::format("{}: line {}", where_, line), problem);
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0, fields_ = 0;
};

/// Whether a value stands in a text as it is: a number, or a word in lower case of a bool, or in capitals of
/// an enumerator.
bool is_bare(const Field& field) {
  const std::string& value = field.value;
  if (value.empty()) return false;
  if (value == "true" || value == "false") return true;
  // Caffe's texts: names of layers, of their kinds, of values and of files.
  for (const std::string_view text : {"name", "type", "bottom", "top", "mean_file", "input"})
    if (field.name == text) return false;
  return true;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      result += std::string("\\") + c;
    else if (code < 0x20 || code >= 0x7F)
      result += fmt::format("\\{:03o}", code);
    else
      result += c;
  }
  return result + '"';
}

void write(const Message& message, const std::string& indent, std::string& out) {
  for (const Field& field : message.fields()) {
    out += indent + field.name;
    if (field.message) {
      out += " {\n";
      write(*field.message, indent + "  ", out);
      out += indent + "}\n";
    } else {
      out += ": " + (is_bare(field) ? field.value : quoted(field.value)) + '\n';
    }
  }
}

}  // namespace

Message parse_text(std::string_view text, const std::string& where) { return TextReader(text, where).read(); }

std::string to_text(const Message& message) {
  std::string out;
  write(message, "", out);
  return out;
}

}  // namespace alexnet::caffe
