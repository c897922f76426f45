// What one place holds: labelled images to train on, to test on, or both.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "data/sources/file_tree.h"

namespace alexnet {

/// Labelled images, and the classes as they are called there.
struct Part {
  std::string where;  // for errors
  std::vector<std::string> classes;
  /// Labels are numbers (IDX): they stand for the classes of a model by position, not by name.
  bool numbered = false;
  std::shared_ptr<const ImageSource> pictures;  // labels are indices into `classes`
};

struct Parts {
  std::optional<Part> training, testing;
};

/// Recognises what `path` holds by its content and lists it. A folder named as one of `known` classes is a
/// class even when it looks like a folder around the whole data set. DataError when there is nothing usable.
Parts list_parts(const std::filesystem::path& path, const std::vector<std::string>& known);

/// A tree of class folders, or of train/ (training/) and val/ (valid/, validation/, test/, testing/), in
/// capitals too, holding class folders; one more folder around it all is tolerated.
Parts list_class_folders(const std::shared_ptr<const FileTree>& tree, const std::string& where,
                         const std::vector<std::string>& known);

}  // namespace alexnet
