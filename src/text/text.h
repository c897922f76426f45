// Numbers, names and tables as text. Knows nothing about networks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alexnet {

/// "0:07", "4:05", "1:02:03".
std::string duration(double seconds);

/// "62,378,344".
std::string grouped(std::int64_t value);

/// Columns that UTF-8 text takes in a terminal: wide characters count two, combining ones none.
int text_width(std::string_view text);
/// Text that is safe to print: control characters and bytes that are not UTF-8 become "?".
std::string printable(std::string_view text);
/// At most `columns` columns of a text, its end replaced by an ellipsis where it was longer.
std::string shortened(std::string_view text, int columns);
/// At most `max` bytes of a text, from its beginning, that end behind a whole character.
std::string_view first_bytes(std::string_view text, std::size_t max);

/// A text with A to Z as a to z, and everything else as it is, whatever the locale.
std::string ascii_lower(std::string_view text);

/// A path or another word as a shell takes it.
std::string shell_text(std::string_view text);

/// A cell of a CSV file (RFC 4180): in quotes where it needs them.
std::string csv_cell(std::string_view text);

/// Aligned columns as text, right-aligned where a column holds numbers; the first row is the heading. Lines
/// end in "\n" and carry no trailing spaces.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace alexnet
