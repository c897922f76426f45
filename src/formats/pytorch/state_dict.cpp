#include "formats/pytorch/state_dict.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "alexnet/error.h"

namespace alexnet::pytorch {
namespace {

using Found = std::vector<FoundTensor>;

// Entries of checkpoints that hold the network's state dict; first come the more certain.
constexpr std::string_view kPlaces[] = {"state_dict", "model_state_dict", "model_state", "model",
                                        "net",        "network",          "weights",     "params"};

/// Goes through nested dictionaries and lists. Objects may be shared, so that a small file holds a huge tree.
class Walk {
 public:
  Walk(Found& found, const std::string& where) : found_(found), where_(where) {}

  void visit(const Value& value, const std::string& path, int depth = 0) {
    constexpr int kDeepest = 64;
    constexpr std::size_t kMostObjects = 4'000'000, kMostTensors = 100'000, kLongestName = 1000;
    if (++objects_ > kMostObjects || depth > kDeepest || path.size() > kLongestName ||
        found_.size() > kMostTensors)
      throw DataError(where_, "nests its objects too deeply, or has too many",
                      "save tensors alone: torch.save(model.state_dict(), FILE)");
    if (const auto* tensor = as<const StridedTensor>(value); tensor != nullptr)
      found_.push_back({path, tensor});
    else if (const auto* dict = as<Dict>(value); dict != nullptr)
      for (const auto& [key, item] : dict->items) visit_key(key, item, path, depth);
    else if (const auto* list = as<Sequence>(value); list != nullptr)
      for (std::size_t i = 0; i < list->items.size(); ++i)
        visit(list->items[i], joined(path, std::to_string(i)), depth + 1);
  }

 private:
  void visit_key(const Value& key, const Value& item, const std::string& path, int depth) {
    if (const auto* text = std::get_if<std::string_view>(&key))
      visit(item, joined(path, *text), depth + 1);
    else if (const auto* number = std::get_if<std::int64_t>(&key))
      visit(item, joined(path, std::to_string(*number)), depth + 1);
  }
  static std::string joined(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  }

  Found& found_;
  const std::string& where_;
  std::size_t objects_ = 0;
};

Found tensors_in(const Value& value, const std::string& path, const std::string& where) {
  Found found;
  Walk(found, where).visit(value, path);
  return found;
}

/// The entry of a checkpoint that holds the state dict; nothing where the object itself is one.
std::optional<std::string_view> place_of_state(const Value& root, const std::string& where) {
  const auto* dict = as<Dict>(root);
  if (dict == nullptr || dict->object) return std::nullopt;
  for (const auto& [key, item] : dict->items)
    if (as<const StridedTensor>(item) != nullptr) return std::nullopt;
  for (const std::string_view place : kPlaces)
    if (const Value* inner = dict->find(place); inner != nullptr && as<Dict>(*inner) != nullptr)
      if (!tensors_in(*inner, std::string(place), where).empty()) return place;
  return std::nullopt;
}

/// "features.0.weight" of "module.features.0.weight" (DataParallel) and of "_orig_mod.features.0.weight"
/// (compile).
std::string without_wrappers(std::string_view path) {
  std::string name;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string_view part = path.substr(0, end);
    if (part != "module" && part != "_orig_mod")
      name += name.empty() ? std::string(part) : fmt::format(".{}", part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return name;
}

}  // namespace

StateDict find_state_dict(const Value& root, const std::string& where) {
  const std::optional<std::string_view> place = place_of_state(root, where);
  StateDict state;
  std::size_t named = 0;
  const Found found = tensors_in(root, "", where);
  const std::string inside = place ? fmt::format("{}.", *place) : "";
  for (const FoundTensor& tensor : found) {
    if (!tensor.path.starts_with(inside)) {
      state.ignored[tensor.path] = fmt::format("is not part of '{}'", *place);
      continue;
    }
    ++named;
    state.tensors[without_wrappers(std::string_view(tensor.path).substr(inside.size()))] = tensor;
  }
  if (named == 0) throw DataError(where, "contains no tensors");
  if (state.tensors.size() == named && !state.tensors.contains("")) return state;
  // The same name twice: the wrappers' names tell tensors apart, or a key came twice, of which the last
  // counts.
  state.tensors.clear();
  for (const FoundTensor& tensor : found)
    if (tensor.path.starts_with(inside)) state.tensors[tensor.path.substr(inside.size())] = tensor;
  if (auto alone = state.tensors.extract(""); !alone.empty()) state.tensors["tensor"] = alone.mapped();
  return state;
}

}  // namespace alexnet::pytorch
