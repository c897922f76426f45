#include "data/files/file_tree.h"

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "data/files/file_rules.h"

namespace alexnet {

std::string inner_path(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + '/' + std::string(name);
}

bool FileTree::is_image(const std::string& path, const std::string& name) const {
  return is_named_like_image(name) || begins_like_image(first_bytes(path));
}

// runs/ holds nothing but runs. A study's runs lie four folders deep. Of class folders this reads no more
// than the first image's name.
bool FileTree::holds_results_only(const std::string& path, int depth) const {
  if (is_results_folder([&](std::string_view name) { return has_file(inner_path(path, name)); })) return true;
  if (depth == 0) return false;
  std::vector<std::string> folders;
  bool images = false;
  try {
    each(path, [&](const std::string& name, Type type) {
      if (is_hidden_name(name)) return true;
      if (type == Type::kFolder) folders.push_back(name);
      images = type == Type::kFile && is_named_like_image(name);
      return !images;
    });
  } catch (const DataError&) {  // nobody knows what it holds
    return false;
  }
  return !images && !folders.empty() && std::ranges::all_of(folders, [&](const std::string& name) {
    return holds_results_only(inner_path(path, name), depth - 1);
  });
}

/// Nothing where it cannot be listed.
std::optional<FileTree::Content> FileTree::content_if_listed(const std::string& path) const {
  try {
    return content(path);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

FileTree::Content FileTree::content(const std::string& path) const {
  constexpr int kResultsDepth = 4;
  Content found;
  PassedOver& passed_over = found.passed_over;
  const std::set<Identity> above = ancestors(path);
  each(path, [&](const std::string& name, Type type) {
    const std::string inner = inner_path(path, name);
    if (is_hidden_name(name)) {
      ++passed_over.hidden;
    } else if (type == Type::kFolder) {
      if (above.contains(identity(inner))) return true;
      if (holds_results_only(inner, kResultsDepth))
        ++passed_over.results;
      else
        found.folders.push_back(name);
    } else if (type == Type::kFile) {
      if (is_image(inner, name))
        found.images.push_back(name);
      else
        ++passed_over.no_images;
    } else {
      ++(type == Type::kDeadLink ? passed_over.dead_links : passed_over.special);
    }
    return true;
  });
  std::ranges::sort(found.folders);
  std::ranges::sort(found.images);
  return found;
}

FileTree::Images FileTree::images(const std::string& path) const {
  std::set<Identity> seen = ancestors(path);
  Images found;
  walk(path, content(path), seen, found);
  std::ranges::sort(found.paths);
  return found;
}

void FileTree::walk(const std::string& path, Content here, std::set<Identity>& seen, Images& found) const {
  found.passed_over += here.passed_over;
  for (const std::string& name : here.images) found.paths.push_back(inner_path(path, name));
  for (const std::string& name : here.folders) {
    const std::string inner = inner_path(path, name);
    if (!seen.insert(identity(inner)).second) continue;
    if (std::optional<Content> inside = content_if_listed(inner))
      walk(inner, *std::move(inside), seen, found);
    else
      ++found.passed_over.closed;
  }
}

}  // namespace alexnet
