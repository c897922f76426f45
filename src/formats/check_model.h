// What must hold of every model, whatever file it comes from or goes to.
#pragma once

#include <string>

#include "alexnet/model.h"

namespace alexnet {

/// DataError naming `where` and what does not fit: classes, preprocessing, or tensors that are missing,
/// extra, misshapen, not finite or too large to compute with. Returns digest_of() of its tensors: both need a
/// pass over all of them.
std::string check_model(const Model& model, const std::string& where);

/// The same of a network's tensors alone.
std::string check_weights(const NetworkSpec& spec, const NamedTensors& weights, const std::string& where);

/// The tensors of a model, and its mean image under the name kMeanImage, if it has one.
NamedTensors tensors_of(const Model& model);
inline constexpr const char* kMeanImage = "preprocessing.mean_image";

/// 16 hexadecimal digits that change with any bit of the tensors and their names.
std::string digest_of(const NamedTensors& tensors);

}  // namespace alexnet
