#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "data/decode.h"
#include "data/part.h"

namespace alexnet {
namespace {

constexpr std::string_view kTraining = "train";
constexpr std::array<std::string_view, 4> kTesting = {"val", "valid", "validation", "test"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string inside(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + '/' + std::string(name);
}

/// Pictures of a tree, decoded when they are asked for.
class TreePictures final : public ImageSource {
 public:
  explicit TreePictures(std::shared_ptr<const FileTree> tree) : tree_(std::move(tree)) {}

  void add(std::string path, int label) { pictures_.push_back({std::move(path), label}); }

  std::size_t size() const override { return pictures_.size(); }
  int label(std::size_t i) const override { return pictures_.at(i).label; }
  std::string name(std::size_t i) const override { return pictures_.at(i).path; }
  Image load(std::size_t i, int channels) const override {
    std::string buffer;
    const std::string& path = pictures_.at(i).path;
    return decode_image(tree_->read(path, buffer), channels, path);
  }

 private:
  struct Picture {
    std::string path;
    int label;
  };
  std::shared_ptr<const FileTree> tree_;
  std::vector<Picture> pictures_;
};

// A class may be called "train" too, among cars and buses: then it holds pictures, or the model knows it.
bool has_parts(const FileTree& tree, const std::string& top, const std::vector<std::string>& folders,
               const std::vector<std::string>& known) {
  const auto is_part = [&](const std::string& name) {
    return (name == kTraining || contains(kTesting, name)) && !contains(known, name);
  };
  if (!folders.empty() && std::all_of(folders.begin(), folders.end(), is_part)) return true;
  return contains(folders, kTraining) && !contains(known, kTraining) &&
         !tree.folders(inside(top, kTraining)).empty();
}

Part list_part(const std::shared_ptr<const FileTree>& tree, const std::string& folder,
               const std::string& where) {
  Part part;
  part.where = folder.empty() ? where : where + '/' + folder;
  part.classes = tree->folders(folder);
  if (part.classes.empty()) {
    const std::string problem =
        tree->files(folder).empty() ? "is empty" : "holds files but no folders named after classes";
    throw DataError(part.where, problem,
                    "put the pictures of each class into a folder of its own, as in cat/1.jpg, dog/2.jpg");
  }
  auto pictures = std::make_shared<TreePictures>(tree);
  for (std::size_t c = 0; c < part.classes.size(); ++c)
    for (std::string& path : tree->files(inside(folder, part.classes[c])))
      pictures->add(std::move(path), static_cast<int>(c));
  part.pictures = std::move(pictures);
  return part;
}

}  // namespace

Parts list_class_folders(const std::shared_ptr<const FileTree>& tree, const std::string& where,
                         const std::vector<std::string>& known) {
  std::string top;
  std::vector<std::string> folders = tree->folders(top);
  if (folders.size() == 1 && !contains(known, folders[0]) && !has_parts(*tree, top, folders, known)) {
    std::vector<std::string> inner = tree->folders(folders[0]);
    if (!inner.empty()) {
      top = folders[0];
      folders = std::move(inner);
    }
  }
  Parts parts;
  if (!has_parts(*tree, top, folders, known)) {
    parts.training = list_part(tree, top, where);
    return parts;
  }
  if (contains(folders, kTraining)) parts.training = list_part(tree, inside(top, kTraining), where);
  for (const std::string_view name : kTesting)
    if (!parts.testing && contains(folders, name)) parts.testing = list_part(tree, inside(top, name), where);
  return parts;
}

}  // namespace alexnet
