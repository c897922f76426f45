// Names for files that are written into one folder for images from many.
#pragma once

#include <set>
#include <string>

namespace alexnet::cli {

/// Gives every name once: "photo", then "photo-2", "photo-3", ...
class FileNames {
 public:
  std::string unique(const std::string& name) {
    std::string candidate = name;
    for (int number = 2; !taken_.insert(candidate).second; ++number)
      candidate = name + "-" + std::to_string(number);
    return candidate;
  }

 private:
  std::set<std::string> taken_;
};

}  // namespace alexnet::cli
