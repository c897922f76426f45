#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "alexnet/error.h"
#include "data/sources/class_name.h"
#include "data/sources/part.h"
#include "data/sources/parts_of_tree.h"
#include "data/sources/tree_images.h"
#include "data/sources/wrong_level.h"

namespace alexnet {
namespace {

std::string place_of(const std::string& where, const std::string& folder) {
  return folder.empty() ? where : where + '/' + folder;
}

/// Lists the class folders inside `folder`.
class PartReader {
 public:
  PartReader(std::shared_ptr<const FileTree> tree, std::string where, const std::vector<std::string>& known)
      : tree_(std::move(tree)), where_(std::move(where)), known_(known) {}

  /// `training`: a network is to learn from it.
  Part read(const std::string& folder, bool training, PassedOver& passed_over) const {
    FileTree::Content here = tree_->content(folder);
    passed_over += here.passed_over;
    passed_over.unlabelled += here.images.size();
    Part part;
    part.where = place_of(where_, folder);
    if (here.folders.empty())
      throw DataError(part.where,
                      here.images.empty() && here.passed_over.no_images == 0
                          ? "is empty"
                          : "holds files but no folders named after classes",
                      "put the images of each class into a folder of its own, as in cat/1.jpg, dog/2.jpg");
    std::vector<ClassFolder> folders = list(folder, std::move(here.folders), passed_over);
    check_level(*tree_, folder, part.where, folders, known_, training);
    label(part, std::move(folders));
    return part;
  }

 private:
  std::vector<ClassFolder> list(const std::string& folder, std::vector<std::string> names,
                                PassedOver& passed_over) const {
    std::vector<ClassFolder> folders;
    for (std::string& name : names) {
      FileTree::Images found = tree_->images(inner_path(folder, name));
      passed_over += found.passed_over;
      folders.push_back({std::move(name), std::move(found.paths)});
    }
    return folders;
  }

  /// Folders whose names are two spellings of one are one class.
  void label(Part& part, std::vector<ClassFolder> folders) const {
    std::map<std::string, std::vector<std::string>> classes;
    for (ClassFolder& one : folders) {
      std::vector<std::string>& paths = classes[composed(one.name)];
      std::ranges::move(one.paths, std::back_inserter(paths));
    }
    auto labelled = std::make_shared<TreeImages>(tree_);
    for (auto& [name, paths] : classes) {
      for (std::string& path : paths) labelled->add(std::move(path), static_cast<int>(part.classes.size()));
      part.classes.push_back(name);
    }
    part.images = std::move(labelled);
  }

  std::shared_ptr<const FileTree> tree_;
  std::string where_;
  const std::vector<std::string>& known_;
};

/// The first part to test on that has class folders.
std::optional<Part> read_testing(const FileTree& tree, const std::string& top, const std::string& where,
                                 const PartFolders& folders, const std::vector<std::string>& known,
                                 const PartReader& reader, Parts& parts) {
  for (const std::string& name : folders.testing) {
    const std::string part = inner_path(top, name);
    if (const auto level = class_level(tree, part, known, false, parts.passed_over))
      return reader.read(*level, false, parts.passed_over);
    if (const std::size_t images = tree.images(part).paths.size(); images > 0)
      parts.notes.push_back(fmt::format("{} holds {} images in no class folders: it is passed over",
                                        place_of(where, part), images));
  }
  return std::nullopt;
}

}  // namespace

Parts list_class_folders(const std::shared_ptr<const FileTree>& tree, const std::string& where,
                         const std::vector<std::string>& known) {
  Parts parts;
  const std::string top = inside_wrappers(*tree, known, parts.passed_over);
  const FileTree::Content here = tree->content(top);
  const PartReader reader(tree, where, known);
  const std::optional<PartFolders> folders = find_parts(*tree, top, here, known);
  if (!folders) {
    parts.training = reader.read(top, true, parts.passed_over);
    return parts;
  }
  parts.passed_over += here.passed_over;
  parts.passed_over.unlabelled += here.images.size();
  if (!folders->training.empty()) {
    const std::string part = inner_path(top, folders->training.front());
    const auto level = class_level(*tree, part, known, true, parts.passed_over);
    parts.training = reader.read(level.value_or(part), true, parts.passed_over);
  }
  parts.testing = read_testing(*tree, top, where, *folders, known, reader, parts);
  if (!parts.training && !parts.testing)
    parts.testing = reader.read(inner_path(top, folders->testing.front()), false, parts.passed_over);
  return parts;
}

}  // namespace alexnet
