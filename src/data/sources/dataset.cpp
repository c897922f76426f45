#include "alexnet/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "data/sources/cifar.h"
#include "data/sources/class_name.h"
#include "data/sources/csv_list.h"
#include "data/sources/idx.h"
#include "data/sources/part.h"
#include "data/sources/selection.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> classes_without_images(const Part& part) {
  const std::vector<std::size_t> counts = class_counts(*part.images, part.classes.size());
  std::vector<std::string> empty;
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] == 0) empty.push_back(part.classes[c]);
  return empty;
}

void check_trainable(const Part& part) {
  const std::vector<std::string> empty = classes_without_images(part);
  // A number that never occurs (EMNIST's letters start at 1) is no folder somebody forgot to fill.
  if (!empty.empty() && !part.numbered)
    throw DataError(part.where, "has classes without images: " + few_names(empty),
                    "add images or remove the folders");
  if (part.classes.size() - empty.size() < 2)
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

/// The classes of a part that have images there.
std::vector<std::string> present_classes(const Part& part) {
  return missing(part.classes, classes_without_images(part));
}

void check_known(const Part& testing, const Part& training) {
  if (testing.numbered) return;  // by position; with_classes() checks
  const std::vector<std::string> unknown = missing(present_classes(testing), training.classes);
  if (!unknown.empty())
    throw DataError(testing.where,
                    fmt::format("has classes that {} lacks: {}", training.where, few_names(unknown)),
                    "add training images of these classes, or remove the folders");
}

/// The images of a part whose classes are among `classes`, which is said; labels are indices into them.
std::shared_ptr<const ImageSource> of_known_classes(const Part& part, const std::vector<std::string>& classes,
                                                    std::vector<std::string>& changes) {
  const std::vector<std::string> known = composed(classes), spelled = composed(part.classes);
  std::vector<int> labels;  // -1: not known
  for (std::size_t c = 0; c < part.classes.size(); ++c) {
    const auto at = part.numbered ? known.begin() + static_cast<std::ptrdiff_t>(std::min(c, known.size()))
                                  : std::ranges::find(known, spelled[c]);
    labels.push_back(at == known.end() ? -1 : static_cast<int>(at - known.begin()));
  }
  std::vector<std::size_t> kept;
  std::set<std::string> others;
  for (std::size_t i = 0; i < part.images->size(); ++i) {
    const auto label = static_cast<std::size_t>(part.images->label(i));
    if (labels[label] >= 0)
      kept.push_back(i);
    else
      others.insert(part.classes[label]);
  }
  if (!others.empty())
    changes.push_back(
        fmt::format("{} has images of classes that the model does not have ({}): they are left out",
                    part.where, few_names({others.begin(), others.end()})));
  return relabelled(selected(part.images, std::move(kept)), std::move(labels));
}

/// Classes of the model that have no images any more.
void note_emptied(Dataset& data) {
  std::vector<std::size_t> counts(data.classes.size());
  for (const ImageSource* source : {data.train.get(), data.validation.get()})
    for (std::size_t i = 0; source != nullptr && i < source->size(); ++i)
      ++counts[static_cast<std::size_t>(source->label(i))];
  std::vector<std::string> emptied;
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] == 0) emptied.push_back(data.classes[c]);
  if (!emptied.empty() && !data.numbered)
    data.changes.push_back(fmt::format("there are no images of {}", few_names(emptied)));
}

/// The part's images with labels that are indices into `classes`.
std::shared_ptr<const ImageSource> with_classes(const Part& part, const std::vector<std::string>& classes) {
  if (part.images->size() == 0)
    throw DataError(part.where, "has no images", "put some into the class folders");
  if (part.numbered && part.classes.size() > classes.size())
    throw DataError(part.where,
                    fmt::format("has labels up to {}, but only {} classes are known", part.classes.size() - 1,
                                classes.size()),
                    "use data with the same classes");
  if (part.numbered || part.classes == classes) return part.images;
  const std::vector<std::string> known = composed(classes);
  const std::vector<std::string> unknown = missing(present_classes(part), known);
  if (!unknown.empty())
    throw DataError(part.where, "has classes that are not known: " + few_names(unknown),
                    "known are " + few_names(classes));
  std::vector<int> labels;  // of a folder without images: any
  for (const std::string& name : part.classes)
    labels.push_back(static_cast<int>(std::find(known.begin(), known.end(), name) - known.begin()));
  return relabelled(part.images, std::move(labels));
}

/// A class without validation images has no validation accuracy.
void note_unvalidated(Dataset& data) {
  const std::vector<std::size_t> trained = class_counts(*data.train, data.classes.size());
  const std::vector<std::size_t> validated = class_counts(*data.validation, data.classes.size());
  std::vector<std::string> without;
  for (std::size_t c = 0; c < data.classes.size(); ++c)
    if (trained[c] > 0 && validated[c] == 0) without.push_back(data.classes[c]);
  if (!without.empty())
    data.notes.push_back(fmt::format("there are no validation images of {}: {} no validation accuracy",
                                     few_names(without), without.size() == 1 ? "it has" : "they have"));
}

/// The part to test on: the testing one where there is one.
Part testing_part(Parts parts) { return std::move(parts.testing ? *parts.testing : *parts.training); }

void add_notes(std::vector<std::string>& notes, const fs::path& place, const Parts& parts) {
  notes.insert(notes.end(), parts.notes.begin(), parts.notes.end());
  if (const std::string text = to_string(parts.passed_over); !text.empty())
    notes.push_back(fmt::format("passed over in {}: {}", place.string(), text));
}

void check_fraction(double fraction) {
  if (!(fraction >= 0.0 && fraction < 1.0))
    throw UsageError("validation split",
                     fmt::format("{} is not a valid fraction of the training images", fraction),
                     "give a number from 0 to less than 1");
}

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
    if (is_cifar_folder(path)) return list_cifar_folder(path);
    return list_class_folders(open_folder(path), path.string(), composed(known));
  }
  Bytes file = Bytes::map(path);
  if (is_idx(file)) return list_idx_file(std::move(file));
  if (is_csv_list(file)) return list_csv(file);
  return list_class_folders(open_archive(std::move(file)), path.string(), composed(known));
}

Dataset open_dataset(const fs::path& path, const DatasetOptions& options) {
  check_fraction(options.validation_split);
  Parts parts = list_parts(path, options.classes);
  if (!parts.training)
    throw DataError(path.string(), "has test images but no training images",
                    "put the training images into train/, or name the folder that holds them");
  Dataset data;
  add_notes(data.notes, path, parts);
  const Part training = std::move(*parts.training);
  std::optional<Part> testing = std::move(parts.testing);
  if (!options.validation.empty()) {
    Parts elsewhere = list_parts(options.validation, training.classes);
    add_notes(data.notes, options.validation, elsewhere);
    testing = testing_part(std::move(elsewhere));
  }

  if (!options.remains) check_trainable(training);
  data.classes = options.classes.empty() ? training.classes : options.classes;
  data.numbered = training.numbered;
  const auto labelled = [&](const Part& part) {
    return options.remains ? of_known_classes(part, data.classes, data.changes)
                           : with_classes(part, data.classes);
  };
  data.train = labelled(training);
  if (testing && options.validation_split > 0)
    throw UsageError("--val-split",
                     fmt::format("{} already has test images, in {}", path.string(), testing->where),
                     "leave it out");
  if (testing) {
    if (!options.remains) check_known(*testing, training);
    data.validation = labelled(*testing);
    data.validation_from = testing->where;
  } else if (options.validation_split > 0 && !options.held_out) {
    split(data, options.validation_split, options.seed, training.where);
  }
  if (options.held_out && (testing || options.validation_split > 0))
    hold_out_known(data, testing.has_value(), options.held_out);
  if (options.remains) note_emptied(data);
  if (data.validation && !options.remains) note_unvalidated(data);
  if (options.per_class > 0) keep_per_class(data, options.per_class, options.seed);
  return data;
}

std::shared_ptr<const ImageSource> open_evaluation(const fs::path& path,
                                                   const std::vector<std::string>& classes,
                                                   std::vector<std::string>* notes) {
  Parts parts = list_parts(path, classes);
  if (notes != nullptr) add_notes(*notes, path, parts);
  return with_classes(testing_part(std::move(parts)), classes);
}

}  // namespace alexnet
