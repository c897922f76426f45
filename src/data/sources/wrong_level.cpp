#include "data/sources/wrong_level.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "alexnet/error.h"
#include "data/sources/class_name.h"
#include "data/sources/part_name.h"
#include "data/sources/parts_of_tree.h"
#include "text/text.h"

namespace alexnet {
namespace {

/// The folders right inside a class folder that hold images.
struct Inside {
  std::set<std::string> folders;
  std::set<std::string> with_folders;  // those of them that hold folders
  bool images = false;                 // some lie in no folder
};

Inside inside_of(const ClassFolder& one, std::size_t prefix) {
  Inside inside;
  for (const std::string& path : one.paths) {
    const std::string_view rest = std::string_view(path).substr(prefix);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) {
      inside.images = true;
      continue;
    }
    const std::string name(rest.substr(0, slash));
    inside.folders.insert(name);
    if (rest.find('/', slash + 1) != std::string_view::npos) inside.with_folders.insert(name);
  }
  return inside;
}

class LevelCheck {
 public:
  LevelCheck(const FileTree& tree, const std::string& folder, const std::string& where,
             const std::vector<ClassFolder>& folders, const std::vector<std::string>& known)
      : tree_(tree), folder_(folder), where_(where), known_(known) {
    for (const ClassFolder& one : folders) {
      if (std::ranges::find(known, composed(one.name)) != known.end()) continue;
      names_.push_back(one.name);
      inside_.push_back(inside_of(one, inner_path(folder, one.name).size() + 1));
    }
  }

  /// One class is not enough to train on, so the folders inside are perhaps the classes.
  void check_single() const {
    if (!known_.empty() || names_.size() != 1 || inside_[0].folders.size() < 2) return;
    const std::string first = *inside_[0].folders.begin(), second = *std::next(inside_[0].folders.begin());
    refuse(fmt::format("has a single class folder, '{}', which holds both images and folders ('{}', '{}'{})",
                       names_[0], first, second, inside_[0].folders.size() > 2 ? ", ..." : ""),
           fmt::format("training needs at least two classes; if the folders in '{}' are the classes, {}",
                       names_[0], name_instead(names_[0], "")));
  }

  void check_names() const {
    std::map<std::string, std::pair<std::string, std::string>> parts;  // training and testing, by rest
    for (const std::string& name : names_)
      if (const auto part = part_name(name))
        (part->training ? parts[part->rest].first : parts[part->rest].second) = name;
    for (const auto& [rest, pair] : parts) {
      const auto& [training, testing] = pair;
      if (!training.empty() && !testing.empty())
        refuse(fmt::format("its folders '{}' and '{}' are named like parts of a data set, not like classes",
                           training, testing),
               holds_folders(training)
                   ? name_instead(training, testing)
                   : "put the images of each class into a folder of its own, as in train/cat/1.jpg");
      if (!testing.empty() && part_name(testing)->alone)
        refuse(fmt::format("its folder '{}' is named like a part of a data set, not like a class", testing),
               "if it is a class, rename it; if not, move it out of this folder and name it with --val");
    }
  }

  void check_parts_inside() const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Inside& inside = inside_[i];
      const std::vector<std::string> folders(inside.folders.begin(), inside.folders.end());
      const auto parts = find_parts(
          folders, known_, [&](const std::string& name) { return inside.with_folders.contains(name); });
      if (parts && !parts->training.empty() && !parts->testing.empty())
        refuse(fmt::format("its folder '{}' holds the parts '{}' and '{}' of a data set", names_[i],
                           parts->training.front(), parts->testing.front()),
               name_instead(names_[i], ""));
    }
  }

  void check_same_names() const {
    if (names_.size() < 2) return;
    std::map<std::string, std::size_t> count;
    for (const Inside& inside : inside_)
      for (const std::string& name : inside.folders)
        if (!is_generic_name(name)) ++count[name];
    std::erase_if(count, [](const auto& one) { return one.second < 2; });
    for (const Inside& inside : inside_) {
      const auto shared =
          std::ranges::count_if(inside.folders, [&](const auto& f) { return count.contains(f); });
      if (inside.images || shared < 2) return;
    }
    const std::string first = count.begin()->first, second = std::next(count.begin())->first;
    refuse(
        fmt::format("its folders '{}' and '{}' hold folders of the same names ('{}', '{}'), which look like "
                    "the classes",
                    names_[0], names_[1], first, second),
        fmt::format("{}, or name the images in a .csv list if '{}' and '{}' are the classes",
                    name_instead(names_[0], names_.size() == 2 ? names_[1] : ""), names_[0], names_[1]));
  }

 private:
  bool holds_folders(const std::string& name) const {
    const auto at = std::ranges::find(names_, name) - names_.begin();
    return !inside_[static_cast<std::size_t>(at)].folders.empty();
  }

  /// The command that is right, with a folder inside as the data.
  std::string name_instead(const std::string& data, const std::string& validation) const {
    const auto place = tree_.place(inner_path(folder_, data));
    if (!place) return fmt::format("unpack the archive, and name its folder {}", inner_path(folder_, data));
    const std::string path = shell_text(place->lexically_normal().string());
    if (!known_.empty()) return fmt::format("name {} instead", path);
    if (validation.empty()) return "use: alexnet train " + path;
    return fmt::format("use: alexnet train {} --val {}", path,
                       shell_text(tree_.place(inner_path(folder_, validation))->lexically_normal().string()));
  }

  [[noreturn]] void refuse(const std::string& problem, const std::string& fix) const {
    throw DataError(where_, problem, fix);
  }

  const FileTree& tree_;
  const std::string& folder_;
  const std::string& where_;
  const std::vector<std::string>& known_;
  std::vector<std::string> names_;
  std::vector<Inside> inside_;  // of each of them
};

}  // namespace

void check_level(const FileTree& tree, const std::string& folder, const std::string& where,
                 const std::vector<ClassFolder>& folders, const std::vector<std::string>& known,
                 bool training) {
  const LevelCheck check(tree, folder, where, folders, known);
  if (training) check.check_single();
  check.check_names();
  check.check_parts_inside();
  check.check_same_names();
}

}  // namespace alexnet
