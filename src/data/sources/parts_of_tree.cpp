#include "data/sources/parts_of_tree.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "data/sources/class_name.h"
#include "data/sources/part_name.h"

namespace alexnet {
namespace {

constexpr int kMaxDepth = 8;

/// What lies beside the folders of one level, none of which is a class.
PassedOver beside_folders(const FileTree::Content& level) {
  PassedOver passed_over = level.passed_over;
  passed_over.unlabelled += level.images.size();
  return passed_over;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, composed(name)) != names.end();
}

struct Candidate {
  std::string folder;
  PartName name;
};

std::vector<std::string> folders_of(std::vector<Candidate> candidates) {
  std::ranges::stable_sort(candidates, {}, [](const Candidate& one) {
    return std::tuple(!one.name.usual, one.name.rank, !one.name.alone);
  });
  std::vector<std::string> folders;
  for (Candidate& one : candidates) folders.push_back(std::move(one.folder));
  return folders;
}

/// Candidates with the same rest of their names.
struct Group {
  std::vector<Candidate> training, testing;
};

// A class may be called "train" too, among cars and buses: then it holds images. Beside other folders "Train"
// is perhaps a class, unless there is a "Test" as well.
bool is_certain(const std::string& rest, const Group& group,
                const std::function<bool(const std::string&)>& has_folders) {
  if (group.training.empty()) return false;
  const std::string training = folders_of(group.training).front();
  if (!has_folders(training)) return false;
  if (!group.testing.empty()) return true;
  const std::optional<PartName> name = part_name(training);
  return rest.empty() && (!name->alone || (name->usual && name->rank == 0));
}

}  // namespace

std::optional<PartFolders> find_parts(const std::vector<std::string>& folders,
                                      const std::vector<std::string>& known,
                                      const std::function<bool(const std::string&)>& has_folders) {
  std::map<std::string, Group> groups;
  std::size_t plain = 0;
  for (const std::string& folder : folders) {
    if (contains(known, folder)) continue;
    const std::optional<PartName> name = part_name(folder);
    if (!name) continue;
    if (name->rest.empty()) ++plain;
    Group& group = groups[name->rest];
    (name->training ? group.training : group.testing).push_back({folder, *name});
  }
  const auto parts_of = [](const Group& group) {
    return PartFolders{folders_of(group.training), folders_of(group.testing)};
  };
  if (plain > 0 && plain == folders.size()) return parts_of(groups[""]);
  std::erase_if(groups,
                [&](const auto& group) { return !is_certain(group.first, group.second, has_folders); });
  if (groups.empty() || (groups.size() > 1 && !groups.contains(""))) return std::nullopt;
  return parts_of(groups.begin()->second);  // "" is the first
}

std::optional<PartFolders> find_parts(const FileTree& tree, const std::string& folder,
                                      const FileTree::Content& content,
                                      const std::vector<std::string>& known) {
  return find_parts(content.folders, known, [&](const std::string& name) {
    return !tree.content(inner_path(folder, name)).folders.empty();
  });
}

std::string inside_wrappers(const FileTree& tree, const std::vector<std::string>& known,
                            PassedOver& passed_over) {
  std::string top;
  FileTree::Content here = tree.content(top);
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    if (here.folders.size() != 1 || contains(known, here.folders[0]) || find_parts(tree, top, here, known))
      break;
    std::string inner = inner_path(top, here.folders[0]);
    FileTree::Content inside = tree.content(inner);
    if (inside.folders.empty()) break;                                             // a class
    if (!inside.images.empty() && !find_parts(tree, inner, inside, known)) break;  // a class with folders
    passed_over += beside_folders(here);
    top = std::move(inner);
    here = std::move(inside);
  }
  return top;
}

std::optional<std::string> class_level(const FileTree& tree, const std::string& part,
                                       const std::vector<std::string>& known, bool training,
                                       PassedOver& passed_over) {
  std::string folder = part;
  PassedOver around;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const FileTree::Content here = tree.content(folder);
    if (here.folders.empty()) return std::nullopt;
    const std::string& only = here.folders[0];
    if (here.folders.size() > 1 || !here.images.empty() || contains(known, only)) break;
    const bool wrapper = part_name(only) || is_generic_name(only) ||
                         only == folder.substr(folder.rfind('/') + 1);  // npos + 1 is 0
    std::string inner = inner_path(folder, only);
    const bool has_folders = !tree.content(inner).folders.empty();
    if (!wrapper && !(training && has_folders)) break;
    if (!has_folders) return std::nullopt;
    around += beside_folders(here);
    folder = std::move(inner);
  }
  passed_over += around;
  return folder;
}

}  // namespace alexnet
