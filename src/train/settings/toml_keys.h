// Keys of TOML files, before they are parsed.
#pragma once

#include <string>
#include <string_view>

namespace alexnet {

/// DataError naming `file` where a key has more than 16 parts ("a.b.c..."). toml++ makes a table of each
/// part, and tables in tables use up the stack when they are removed. It limits the depth of brackets itself.
void require_flat_keys(std::string_view text, const std::string& file);

}  // namespace alexnet
