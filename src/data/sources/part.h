// What one place holds: labelled images to train on, to test on, or both.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/image_files.h"
#include "data/files/file_tree.h"

namespace alexnet {

/// Labelled images, and the classes as they are called there.
struct Part {
  std::string where;  // for errors
  std::vector<std::string> classes;
  /// Labels are numbers (IDX): they stand for the classes of a model by position, not by name.
  bool numbered = false;
  std::shared_ptr<const ImageSource> images;  // labels are indices into `classes`
};

struct Parts {
  std::optional<Part> training, testing;
  /// Of what lies there, but is neither an image nor a class.
  PassedOver passed_over;
  std::vector<std::string> notes;  // for people, one line each
};

/// Recognises what `path` holds by its content and lists it. A folder named as one of `known` classes is a
/// class even when it looks like a folder around the whole data set. DataError when there is nothing usable.
Parts list_parts(const std::filesystem::path& path, const std::vector<std::string>& known);

/// A tree of class folders, or of a part to train on and one to test on, each holding class folders. Parts
/// are recognised by their names (part_name.h), in folders of their own as well; folders around it all are
/// tolerated. A part whose images are in no class folders is passed over with a note. DataError where it is
/// not certain which folders are the classes.
Parts list_class_folders(const std::shared_ptr<const FileTree>& tree, const std::string& where,
                         const std::vector<std::string>& known);

}  // namespace alexnet
