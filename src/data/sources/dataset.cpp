#include "alexnet/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "base/random.h"
#include "data/sources/idx.h"
#include "data/sources/part.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// Another source's images under other labels.
class Relabelled final : public ImageSource {
 public:
  Relabelled(std::shared_ptr<const ImageSource> source, std::vector<int> labels)
      : source_(std::move(source)), labels_(std::move(labels)) {}
  std::size_t size() const override { return source_->size(); }
  int label(std::size_t i) const override { return labels_[static_cast<std::size_t>(source_->label(i))]; }
  std::string name(std::size_t i) const override { return source_->name(i); }
  Image load(std::size_t i, int channels) const override { return source_->load(i, channels); }

 private:
  std::shared_ptr<const ImageSource> source_;
  std::vector<int> labels_;
};

/// Some of another source's images.
class Selected final : public ImageSource {
 public:
  Selected(std::shared_ptr<const ImageSource> source, std::vector<std::size_t> indices)
      : source_(std::move(source)), indices_(std::move(indices)) {}
  std::size_t size() const override { return indices_.size(); }
  int label(std::size_t i) const override { return source_->label(indices_[i]); }
  std::string name(std::size_t i) const override { return source_->name(indices_[i]); }
  Image load(std::size_t i, int channels) const override { return source_->load(indices_[i], channels); }

 private:
  std::shared_ptr<const ImageSource> source_;
  std::vector<std::size_t> indices_;
};

std::string few_names(const std::vector<std::string>& names) {
  constexpr std::size_t kFew = 5;
  const std::size_t shown = std::min(names.size(), kFew);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::vector<std::size_t> pictures_per_class(const Part& part) {
  std::vector<std::size_t> counts(part.classes.size());
  for (std::size_t i = 0; i < part.pictures->size(); ++i)
    ++counts[static_cast<std::size_t>(part.pictures->label(i))];
  return counts;
}

// A number that never occurs (EMNIST's letters start at 1) is no folder somebody forgot to fill.
void check_every_class_has_pictures(const Part& part) {
  if (part.numbered) return;
  const std::vector<std::size_t> counts = pictures_per_class(part);
  std::vector<std::string> empty;
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] == 0) empty.push_back(part.classes[c]);
  if (!empty.empty())
    throw DataError(part.where, "has classes without images: " + few_names(empty),
                    "add images or remove the folders");
}

void check_trainable(const Part& part) {
  check_every_class_has_pictures(part);
  const std::vector<std::size_t> counts = pictures_per_class(part);
  const auto present = counts.size() - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0U));
  if (present < 2)
    throw DataError(part.where, fmt::format("has a single class ({})", few_names(part.classes)),
                    "training needs at least two");
}

std::vector<std::string> missing(const std::vector<std::string>& from, const std::vector<std::string>& in) {
  const std::set<std::string> there(in.begin(), in.end());
  std::vector<std::string> names;
  for (const std::string& name : from)
    if (!there.contains(name)) names.push_back(name);
  return names;
}

void check_agreement(const Part& training, const Part& testing) {
  check_every_class_has_pictures(testing);
  if (testing.numbered) return;  // by position; with_classes() checks
  const std::vector<std::string> unknown = missing(testing.classes, training.classes);
  const std::vector<std::string> absent = missing(training.classes, testing.classes);
  if (unknown.empty() && absent.empty()) return;
  std::string problem = "its classes differ from those of " + training.where;
  if (!unknown.empty()) problem += " (only here: " + few_names(unknown) + ")";
  if (!absent.empty()) problem += " (only there: " + few_names(absent) + ")";
  throw DataError(testing.where, problem, "both need the same class folders");
}

/// The part's images with labels that are indices into `classes`.
std::shared_ptr<const ImageSource> with_classes(const Part& part, const std::vector<std::string>& classes) {
  if (part.pictures->size() == 0)
    throw DataError(part.where, "has no images", "put some into the class folders");
  if (part.numbered && part.classes.size() > classes.size())
    throw DataError(part.where,
                    fmt::format("has labels up to {}, but only {} classes are known", part.classes.size() - 1,
                                classes.size()),
                    "use data with the same classes");
  if (part.numbered || part.classes == classes) return part.pictures;
  const std::vector<std::string> unknown = missing(part.classes, classes);
  if (!unknown.empty())
    throw DataError(part.where, "has classes that are not known: " + few_names(unknown),
                    "known are " + few_names(classes));
  std::vector<int> labels;
  for (const std::string& name : part.classes)
    labels.push_back(static_cast<int>(std::find(classes.begin(), classes.end(), name) - classes.begin()));
  return std::make_shared<Relabelled>(part.pictures, std::move(labels));
}

/// The images of each class in an order that follows from the seed; `draw` tells one use of it from
/// another.
std::map<int, std::vector<std::size_t>> drawn_by_class(const ImageSource& pictures, std::uint64_t seed,
                                                       std::uint32_t draw) {
  using Draw = std::pair<std::array<std::uint32_t, 4>, std::size_t>;
  std::map<int, std::vector<Draw>> classes;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    classes[pictures.label(i)].emplace_back(random_block(seed, Purpose::kSplit, draw, i, 0), i);
  std::map<int, std::vector<std::size_t>> orders;
  for (auto& [label, draws] : classes) {
    std::sort(draws.begin(), draws.end());
    for (const auto& [bits, index] : draws) orders[label].push_back(index);
  }
  return orders;
}

/// Holds `share` of each class's images out, at least one where there are two.
void split(Dataset& data, double share, std::uint64_t seed, const std::string& where) {
  const std::shared_ptr<const ImageSource> all = data.train;
  std::vector<std::size_t> kept, held;
  for (const auto& [label, order] : drawn_by_class(*all, seed, 0)) {
    const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(order.size())));
    const std::size_t max = order.size() - 1;
    const std::size_t count = std::min(std::max<std::size_t>(wanted, 1), max);
    for (std::size_t d = 0; d < order.size(); ++d) (d < count ? held : kept).push_back(order[d]);
  }
  if (held.empty())
    throw DataError(where, "has one image per class, none can be held out for validation",
                    "add images or train without a validation split");
  std::sort(kept.begin(), kept.end());
  std::sort(held.begin(), held.end());
  data.train = std::make_shared<Selected>(all, std::move(kept));
  data.validation = std::make_shared<Selected>(all, std::move(held));
}

/// Keeps so many of each class's training images.
void keep_per_class(Dataset& data, std::size_t max, std::uint64_t seed) {
  std::vector<std::size_t> kept;
  for (const auto& [label, order] : drawn_by_class(*data.train, seed, 1))
    kept.insert(kept.end(), order.begin(),
                order.begin() + static_cast<std::ptrdiff_t>(std::min(max, order.size())));
  std::sort(kept.begin(), kept.end());
  data.train = std::make_shared<Selected>(data.train, std::move(kept));
}

/// The part to test on: the testing one where there is one.
Part testing_part(Parts parts) { return std::move(parts.testing ? *parts.testing : *parts.training); }

}  // namespace

Parts list_parts(const fs::path& path, const std::vector<std::string>& known) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    throw DataError(path.string(), "does not exist", "check the path");
  if (!fs::exists(status))
    throw DataError(path.string(), "cannot be read (" + error.message() + ")",
                    "check its permissions and those of the folders above");
  if (fs::is_directory(status)) {
    if (is_idx_folder(path)) return list_idx_folder(path);
    return list_class_folders(open_folder(path), path.string(), known);
  }
  Bytes file = Bytes::map(path);
  if (is_idx(file)) return list_idx_file(std::move(file));
  return list_class_folders(open_archive(std::move(file)), path.string(), known);
}

Dataset open_dataset(const fs::path& path, const DatasetOptions& options) {
  if (!(options.validation_split >= 0.0 && options.validation_split < 1.0))
    throw UsageError(
        "validation split",
        fmt::format("{} is not a valid fraction of the training images", options.validation_split),
        "give a number from 0 to less than 1");
  Parts parts = list_parts(path, options.classes);
  if (!parts.training)
    throw DataError(path.string(), "has test images but no training images",
                    "put the training images into train/, or name the folder that holds them");
  const Part training = std::move(*parts.training);
  std::optional<Part> testing = std::move(parts.testing);
  if (!options.validation.empty()) testing = testing_part(list_parts(options.validation, training.classes));

  check_trainable(training);
  Dataset data;
  data.classes = options.classes.empty() ? training.classes : options.classes;
  data.train = with_classes(training, data.classes);
  if (testing && options.validation_split > 0)
    throw UsageError("--val-split",
                     fmt::format("{} already has test images, in {}", path.string(), testing->where),
                     "leave it out");
  if (testing) {
    check_agreement(training, *testing);
    data.validation = with_classes(*testing, data.classes);
  } else if (options.validation_split > 0) {
    split(data, options.validation_split, options.seed, training.where);
  }
  if (options.per_class > 0) keep_per_class(data, options.per_class, options.seed);
  return data;
}

std::shared_ptr<const ImageSource> open_evaluation(const fs::path& path,
                                                   const std::vector<std::string>& classes) {
  return with_classes(testing_part(list_parts(path, classes)), classes);
}

}  // namespace alexnet
