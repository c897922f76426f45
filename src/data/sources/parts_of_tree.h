// Where in a tree the class folders lie: which folders are parts of a data set, and which are around it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/files/file_tree.h"

namespace alexnet {

/// Names of folders that are parts, the one to be taken first in front.
struct PartFolders {
  std::vector<std::string> training, testing;
};

/// The parts among the folders of one level, where it is certain that they are parts: "train" with folders
/// inside, or names that differ in the word for the part alone ("seg_train", "seg_test"). Names in `known`
/// are classes. `has_folders` tells whether one of these folders holds folders.
std::optional<PartFolders> find_parts(const std::vector<std::string>& folders,
                                      const std::vector<std::string>& known,
                                      const std::function<bool(const std::string&)>& has_folders);

/// The parts right inside a folder.
std::optional<PartFolders> find_parts(const FileTree& tree, const std::string& folder,
                                      const FileTree::Content& content,
                                      const std::vector<std::string>& known);

/// The folder that holds the class folders or parts, where only folders of one folder each are around it.
/// What lies beside these is added to `passed_over`.
std::string inside_wrappers(const FileTree& tree, const std::vector<std::string>& known,
                            PassedOver& passed_over);

/// The folder of a part in which its class folders lie: "test_set/test_set". Nothing where its images lie in
/// no class folders. What lies beside folders around it is added to `passed_over`.
std::optional<std::string> class_level(const FileTree& tree, const std::string& part,
                                       const std::vector<std::string>& known, bool training,
                                       PassedOver& passed_over);

}  // namespace alexnet
