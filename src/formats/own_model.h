// A model of this program as tensors and metadata, in whatever format holds both: JSON texts say all that the
// tensors do not.
#pragma once

#include <map>
#include <string>

#include "alexnet/model.h"

namespace alexnet {

/// Whether a file says that this program wrote it: a model, or a checkpoint.
bool is_own_format(const TensorFile& file);

/// The mean image is one of the tensors. DataError naming `where` when it is not a model, or one of a version
/// not known here.
StoredWeights read_own_model(TensorFile file, const std::string& where);

/// Key of the digest of the tensors.
inline constexpr const char* kDigest = "digest";

std::map<std::string, std::string> own_metadata(const Model& model);

/// The preparation of images as JSON text, without the mean image, which is a tensor.
std::string preprocessing_to_json(const Preprocessing& preprocessing);
/// DataError naming `where` for any other text.
Preprocessing preprocessing_from_json(const std::string& text, const std::string& where);

}  // namespace alexnet
