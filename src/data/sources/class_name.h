// One spelling for the name of a class.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace alexnet {

/// The name in Unicode's composed form (NFC). File systems and archivers spell accented letters in one code
/// point or in two, for the same name. Text that is not UTF-8 stays as it is.
std::string composed(std::string_view name);
std::vector<std::string> composed(const std::vector<std::string>& names);

}  // namespace alexnet
