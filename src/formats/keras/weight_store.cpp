#include "formats/keras/weight_store.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "formats/shown.h"

namespace alexnet::keras {
namespace {

/// "kernel" of "conv1/kernel:0".
std::string_view variable_name(std::string_view path) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return last.substr(0, last.find(':'));
}

}  // namespace

WeightStore::WeightStore(const hdf5::Group& root, Names names, const std::string& where)
    : root_(root), names_(names), where_(where) {}

StoredVariable WeightStore::find(const Variable& variable) const {
  const auto fail = [&](const std::string& problem) {
    throw DataError(where_,
                    fmt::format("layer '{}': its {} {}", shown(variable.layer), variable.name, problem));
  };
  const bool by_class = names_ == Names::kByClass;
  const std::string folder =
      by_class ? fmt::format("layers/{}/vars", variable.group) : "model_weights/" + variable.layer;
  const hdf5::Group* group = root_.find(folder);
  StoredVariable found;
  if (group != nullptr && by_class) {
    const std::string number = std::to_string(variable.number);
    if (const auto dataset = group->datasets.find(number); dataset != group->datasets.end())
      found = {folder + "/" + number, &dataset->second};
  } else if (group != nullptr) {
    for (auto& [path, dataset] : all_datasets(*group, folder)) {
      if (variable_name(path) != variable.name) continue;
      if (found.dataset != nullptr) fail("is in the file twice");
      found = {path, dataset};
    }
  }
  if (found.dataset == nullptr)
    fail(fmt::format("is missing in the file: there is none in '{}'", shown(folder)));
  if (!found.dataset->refused.empty())
    fail(fmt::format("('{}') {}", shown(found.path), found.dataset->refused));
  return found;
}

std::map<std::string, std::string> WeightStore::ignored(const std::set<std::string>& used) const {
  std::map<std::string, std::string> reasons;
  for (const auto& [path, dataset] : all_datasets(root_, "")) {
    if (used.contains(path)) continue;
    const bool optimizer = path.starts_with("optimizer");
    reasons.emplace(path, optimizer ? "belongs to the optimizer" : "is not needed to compute the network");
  }
  return reasons;
}

std::map<std::string, const hdf5::Dataset*> all_datasets(const hdf5::Group& group,
                                                         const std::string& prefix) {
  std::map<std::string, const hdf5::Dataset*> found;
  std::vector<std::pair<std::string, const hdf5::Group*>> left = {{prefix, &group}};
  while (!left.empty()) {
    const auto [path, current] = left.back();
    left.pop_back();
    const std::string start = path.empty() ? path : path + "/";
    for (const auto& [name, dataset] : current->datasets) found.emplace(start + std::string(name), &dataset);
    for (const auto& [name, inner] : current->groups) left.emplace_back(start + std::string(name), &inner);
  }
  return found;
}

}  // namespace alexnet::keras
