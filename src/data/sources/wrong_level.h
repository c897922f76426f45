// Telling that folders which would become classes are not the classes.
#pragma once

#include <string>
#include <vector>

#include "data/files/file_tree.h"

namespace alexnet {

/// A folder that would become a class, and its images by path in the tree.
struct ClassFolder {
  std::string name;
  std::vector<std::string> paths;
};

/// DataError, with the command that would be right, where the folders inside `folder` are named like parts of
/// a data set, hold such parts, or hold folders of the same names. So does a single folder that holds several
/// of them, where a network is to be trained on it: then `training`. Names in `known` are classes.
void check_level(const FileTree& tree, const std::string& folder, const std::string& where,
                 const std::vector<ClassFolder>& folders, const std::vector<std::string>& known,
                 bool training);

}  // namespace alexnet
