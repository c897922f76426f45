#include "train/settings/toml_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "alexnet/error.h"

namespace alexnet {
namespace {

constexpr int kMaxParts = 16;

bool belongs_to_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == ' ' || c == '\t';
}

/// Bytes of the string that the text begins with, quotes included.
std::size_t string_length(std::string_view text) {
  const char quote = text.front();
  const std::string_view three = text.substr(0, 3);
  const bool multiline = three.size() == 3 && three[1] == quote && three[2] == quote;
  const std::string_view end = multiline ? three : text.substr(0, 1);
  for (std::size_t at = end.size(); at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\')
      ++at;
    else if (text.substr(at).starts_with(end) || (!multiline && text[at] == '\n'))
      return at + end.size();
  }
  return text.size();
}

}  // namespace

void require_flat_keys(std::string_view text, const std::string& file) {
  int dots = 0, line = 1;
  while (!text.empty()) {
    const char c = text.front();
    std::size_t length = 1;
    if (c == '#') {
      length = std::min(text.find('\n'), text.size());
    } else if (c == '"' || c == '\'') {
      length = std::min(string_length(text), text.size());
    } else if (c == '.') {
      if (++dots >= kMaxParts)
        throw DataError(file, fmt::format("line {} has a key of more than {} parts", line, kMaxParts),
                        "settings are plain keys: epochs = 10");
    } else if (!belongs_to_key(c)) {
      dots = 0;
    }
    line += static_cast<int>(std::ranges::count(text.substr(0, length), '\n'));
    text.remove_prefix(length);
  }
}

}  // namespace alexnet
