// Images of a source under other labels, or some of them alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {

/// Another source's images under other labels: `labels` by the source's.
std::shared_ptr<const ImageSource> relabelled(std::shared_ptr<const ImageSource> source,
                                              std::vector<int> labels);

/// Some images of another source, by their indices there.
std::shared_ptr<const ImageSource> selected(std::shared_ptr<const ImageSource> source,
                                            std::vector<std::size_t> indices);

/// Holds `fraction` of each class's training images out for validation, at least one where there are two.
/// Classes from which another fraction is held out are noted. `where` is named in errors.
void split(Dataset& data, double fraction, std::uint64_t seed, const std::string& where);

/// Instead of split(): the validation images are those of the training images, or with `of_validation` those
/// of the validation images, that `held_out` finds.
void hold_out_known(Dataset& data, bool of_validation,
                    const std::function<std::vector<std::size_t>(const ImageSource&)>& held_out);

/// Keeps so many of each class's training images.
void keep_per_class(Dataset& data, std::size_t max, std::uint64_t seed);

/// "a, b and 3 more".
std::string few_names(const std::vector<std::string>& names);

/// Images of each class.
std::vector<std::size_t> class_counts(const ImageSource& source, std::size_t classes);

}  // namespace alexnet
