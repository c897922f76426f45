#include "formats/keras/bare_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "formats/keras/stored_tensor.h"
#include "formats/keras/weight_store.h"

namespace alexnet::keras {
namespace {

/// An array and the tensor that is made of it.
struct Found {
  std::string layer, role;  // "conv2d_1", "weight"
  std::string path;
  const hdf5::Dataset* dataset = nullptr;
};

/// "conv2d_10" behind "conv2d_9": by the text, then by the number at its end.
std::pair<std::string_view, long> natural(std::string_view name) {
  const std::size_t text = name.find_last_not_of("0123456789") + 1;
  constexpr std::size_t kMostDigits = 9;
  long number = 0;
  if (name.size() - text <= kMostDigits)
    std::from_chars(name.data() + text, name.data() + name.size(), number);
  std::string_view start = name.substr(0, text);
  if (start.ends_with('_') && text < name.size()) start.remove_suffix(1);
  return {start, number};
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "a/b" of "a/b/c".
std::string_view folder_of(std::string_view path) {
  return path.substr(0, std::min(path.rfind('/'), path.size()));
}

/// Role of a variable that has a name, as files of Keras 2 give it.
std::string role_of_name(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kRoles[] = {{"kernel", "weight"},
                                                                      {"bias", "bias"},
                                                                      {"gamma", "weight"},
                                                                      {"beta", "bias"},
                                                                      {"moving_mean", "running_mean"},
                                                                      {"moving_variance", "running_var"}};
  name = name.substr(0, name.find(':'));
  for (const auto& [theirs, ours] : kRoles)
    if (name == theirs) return std::string(ours);
  return {};
}

/// Role of a variable that has a number, as files of Keras 3 give it: "vars/0".
std::string role_of_number(std::string_view layer, std::string_view number, std::size_t variables) {
  constexpr std::string_view kRoles[] = {"weight", "bias", "running_mean", "running_var"};
  const bool normalises = layer.starts_with("batch_normalization");
  if (variables != (normalises ? 4U : variables) || variables > (normalises ? 4U : 2U)) return {};
  for (std::size_t i = 0; i < variables; ++i)
    if (number == std::to_string(i)) return std::string(kRoles[i]);
  return {};
}

std::vector<Found> find_all(const hdf5::Group& root, std::map<std::string, std::string>& ignored) {
  const auto datasets = all_datasets(root, "");
  std::map<std::string_view, std::size_t> counts;
  for (const auto& [path, dataset] : datasets) ++counts[folder_of(path)];
  std::vector<Found> found;
  for (const auto& [path, dataset] : datasets) {
    const std::string_view folder = folder_of(path);
    const bool numbered = last_part(folder) == "vars";
    // The layer's own group: before "vars", or the outermost, which Keras 2 repeats.
    const std::string_view layer =
        numbered ? last_part(folder_of(folder)) : std::string_view(path).substr(0, path.find('/'));
    std::string role =
        numbered ? role_of_number(layer, last_part(path), counts[folder]) : role_of_name(last_part(path));
    const bool elsewhere = path.starts_with("optimizer") || path.find("seed_generator") != std::string::npos;
    if (elsewhere || role.empty() || layer.empty())
      ignored.emplace(path, "is not a weight of a known kind");
    else if (!dataset->refused.empty())
      ignored.emplace(path, dataset->refused);
    else
      found.push_back({std::string(layer), std::move(role), path, dataset});
  }
  std::ranges::stable_sort(found, {}, [](const Found& one) { return natural(one.layer); });
  return found;
}

/// The first dense layer behind convolutions reads their output as a list: height, width, channels.
struct Flattened {
  std::string layer;
  std::int64_t channels = 0;
};
std::optional<Flattened> find_flattened(const std::vector<Found>& found) {
  std::int64_t channels = 0;
  for (const Found& one : found)
    if (one.role == "weight" && one.dataset->shape.size() == 4) channels = one.dataset->shape[3];
  for (const Found& one : found) {
    if (one.role != "weight" || one.dataset->shape.size() != 2) continue;
    const std::int64_t inputs = one.dataset->shape[0];
    if (channels > 1 && inputs > channels && inputs % channels == 0) return Flattened{one.layer, channels};
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

StoredWeights read_bare_weights(const hdf5::Group& root, const std::string& where) {
  StoredWeights result;
  const std::vector<Found> found = find_all(root, result.origin.ignored);
  if (found.empty())
    throw DataError(where, "is an HDF5 file that holds no weights of Keras",
                    "save it with model.save(\"NAME.keras\")");
  const std::optional<Flattened> flattened = find_flattened(found);
  for (const Found& one : found) {
    const Shape& stored = one.dataset->shape;
    TensorSource source{.name = one.path, .shape = stored};
    Shape shape = stored;
    if (stored.size() == 4) {
      source.permutation = {3, 2, 0, 1};
      shape = {stored[3], stored[2], stored[0], stored[1]};
    } else if (stored.size() == 2) {
      source.permutation = {1, 0};
      shape = {stored[1], stored[0]};
      if (flattened && flattened->layer == one.layer) {
        source.view = {stored[0] / flattened->channels, flattened->channels, stored[1]};
        source.permutation = {2, 1, 0};
      }
    }
    const std::string name = one.layer + "." + one.role;
    if (!result.weights.emplace(name, tensor_of(*one.dataset, source, shape)).second)
      throw DataError(where, fmt::format("has two tensors '{}'", name));
    result.origin.sources.emplace(name, std::move(source));
  }
  if (flattened)
    result.origin.assumptions.push_back(
        {"flatten order",
         fmt::format(
             "'{}' reads {} channels in the order height, width, channels, put into channels, height, width",
             flattened->layer, flattened->channels),
         Assumption::From::kDefault});
  return result;
}

}  // namespace alexnet::keras
