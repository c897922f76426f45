#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "data/sources/part.h"

namespace alexnet {
namespace {

// In the order in which one is taken; in capitals too, which many data sets have.
constexpr std::array<std::string_view, 2> kTraining = {"train", "training"};
constexpr std::array<std::string_view, 5> kTesting = {"val", "valid", "validation", "test", "testing"};

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_one_of(const std::string& folder, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return same_but_for_case(folder, name); });
}

/// The folder that has the first of some names that any has, as it is spelled here or else in capitals; null
/// where none has one.
const std::string* find_part(const std::vector<std::string>& folders,
                             std::span<const std::string_view> names) {
  for (const std::string_view name : names)
    for (const std::string& folder : folders)
      if (folder == name) return &folder;
  for (const std::string_view name : names)
    for (const std::string& folder : folders)
      if (same_but_for_case(folder, name)) return &folder;
  return nullptr;
}

std::string inside(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + '/' + std::string(name);
}

/// Images of a tree, decoded when they are asked for.
class TreePictures final : public ImageSource {
 public:
  explicit TreePictures(std::shared_ptr<const FileTree> tree) : tree_(std::move(tree)) {}

  void add(std::string path, int label) { pictures_.push_back({std::move(path), label}); }

  std::size_t size() const override { return pictures_.size(); }
  int label(std::size_t i) const override { return pictures_.at(i).label; }
  std::string name(std::size_t i) const override { return pictures_.at(i).path; }
  Image load(std::size_t i, int channels) const override {
    return load_image(tree_->read(pictures_.at(i).path), channels);
  }

 private:
  struct Picture {
    std::string path;
    int label;
  };
  std::shared_ptr<const FileTree> tree_;
  std::vector<Picture> pictures_;
};

// A class may be called "train" too, among cars and buses: then it holds images, or the model knows it.
bool has_parts(const FileTree& tree, const std::string& top, const std::vector<std::string>& folders,
               const std::vector<std::string>& known) {
  const auto is_part = [&](const std::string& name) {
    return (is_one_of(name, kTraining) || is_one_of(name, kTesting)) && !contains(known, name);
  };
  if (!folders.empty() && std::all_of(folders.begin(), folders.end(), is_part)) return true;
  // Beside other folders: "train" with folders inside is a part, "Train" perhaps a class, unless there is a
  // "Test" as well.
  const std::string* training = find_part(folders, kTraining);
  if (training == nullptr || contains(known, *training)) return false;
  if (*training != kTraining[0] && find_part(folders, kTesting) == nullptr) return false;
  return !tree.folders(inside(top, *training)).empty();
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
                    "put the images of each class into a folder of its own, as in cat/1.jpg, dog/2.jpg");
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
  if (const std::string* name = find_part(folders, kTraining))
    parts.training = list_part(tree, inside(top, *name), where);
  if (const std::string* name = find_part(folders, kTesting))
    parts.testing = list_part(tree, inside(top, *name), where);
  return parts;
}

}  // namespace alexnet
