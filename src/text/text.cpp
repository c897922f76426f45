// Text in columns.
#include "text/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fmt/format.h"

namespace alexnet {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

/// Takes one character off the front of `text`; kInvalid (and one byte) when it is not UTF-8.
char32_t take(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : (lead & 0xF0) == 0xE0       ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  char32_t character = length == 1   ? lead
                       : length == 2 ? lead & 0x1F
                       : length == 3 ? lead & 0x0F
                                     : lead & 0x07;
  bool valid = length > 0 && length <= text.size();
  for (std::size_t i = 1; valid && i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    valid = (next & 0xC0) == 0x80;
    character = character << 6 | (next & 0x3F);
  }
  // Overlong forms, surrogates, beyond Unicode.
  constexpr std::array<char32_t, 5> kMin = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && character >= kMin[length] && character <= 0x10FFFF &&
          (character < 0xD800 || character > 0xDFFF);
  text.remove_prefix(valid ? length : 1);
  return valid ? character : kInvalid;
}

/// Columns of one character: the blocks of East Asian wide characters and emoji, and of combining marks.
int columns_of(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr std::array kZero = {Range{0x300, 0x36F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                                       Range{0xFE00, 0xFE0F}};
  static constexpr std::array kWide = {
      Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},   Range{0xAC00, 0xD7A3},
      Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
      Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD}};
  const auto holds = [c](const Range& range) { return c >= range.first && c <= range.last; };
  if (std::ranges::any_of(kZero, holds)) return 0;
  return std::ranges::any_of(kWide, holds) ? 2 : 1;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

/// "12", "-0.5", "1,234", "93.1 %", "4:05", "1.2 G", "" - but not "11x11 / 4".
bool looks_numeric(std::string_view cell) {
  if (cell.empty() || cell == "-") return true;
  if (cell.front() != '-' && cell.front() != '+' && cell.front() != '.' &&
      (cell.front() < '0' || cell.front() > '9'))
    return false;
  const std::size_t end = cell.find_first_not_of("0123456789.,:+-eE");
  const std::string_view unit = end == std::string_view::npos ? "" : cell.substr(end);
  return unit.size() <= 5 && unit.find_first_of("0123456789/") == std::string_view::npos;
}

}  // namespace

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += columns_of(take(text));
  return width;
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t character = take(text);
    if (character == kInvalid || is_control(character))
      clean += '?';
    else
      clean += before.substr(0, before.size() - text.size());
  }
  return clean;
}

std::string shortened(std::string_view text, int columns) {
  if (columns < 1) return {};
  std::string_view rest = text;
  std::size_t bytes = 0;  // those that leave a column for the ellipsis
  for (int width = 0; !rest.empty();) {
    width += columns_of(take(rest));
    if (width > columns) return std::string(text.substr(0, bytes)) + "…";
    if (width < columns) bytes = text.size() - rest.size();
  }
  return std::string(text);
}

std::string_view first_bytes(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  std::string_view rest = text;
  while (text.size() - rest.size() <= max) {
    const std::string_view before = rest;
    take(rest);
    if (text.size() - rest.size() > max) return text.substr(0, text.size() - before.size());
  }
  return text;
}

std::string duration(double seconds) {
  const auto whole = std::isfinite(seconds) ? std::llround(std::clamp(seconds, 0.0, 1e12)) : 0;
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3;) digits.insert(place -= 3, ",");
  return digits;
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string shell_text(std::string_view text) {
  const bool plain = !text.empty() && text.front() != '-' &&
                     text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                         "_-./+,:=@%") == std::string::npos;
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::size_t columns = 0;
  for (const auto& row : rows) columns = std::max(columns, row.size());
  std::vector<int> widths(columns, 0);
  std::vector<bool> numeric(columns, true);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      widths[c] = std::max(widths[c], text_width(rows[r][c]));
      if (r > 0) numeric[c] = numeric[c] && looks_numeric(rows[r][c]);
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string space(static_cast<std::size_t>(widths[c] - text_width(row[c])), ' ');
      line += (c > 0 ? "  " : "") + (numeric[c] ? space + row[c] : row[c] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace alexnet
