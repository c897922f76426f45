// Folders for variants.
#pragma once

#include <cctype>
#include <string>

namespace alexnet {

/// A name as a folder may be called: "No pooling (2/2)" is no-pooling-2-2.
inline std::string folder_name(const std::string& name) {
  std::string folder;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0)
      folder += static_cast<char>(std::tolower(byte));
    else if (!folder.empty() && folder.back() != '-')
      folder += '-';
  }
  while (!folder.empty() && folder.back() == '-') folder.pop_back();
  return folder.empty() ? "variant" : folder;
}

}  // namespace alexnet
