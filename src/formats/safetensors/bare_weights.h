// Weights of other programs as a safetensors file, with what its metadata says of their use.
#pragma once

#include <string>

#include "alexnet/model.h"

namespace alexnet {

/// Bare weights may come with the way their images were prepared: a tensor `mean` (0 to 255, one value per
/// channel in the order of the weights), and in the metadata `channel_order` (RGB or BGR) and `input`
/// ("0..255 minus mean, 227x227 crop of 256x256"); and with what the layers around them compute: `groups`
/// ("conv2=2 conv4=2") and `lrn` (text with n=, k=, alpha=, beta=, and "divided by n" where alpha is). Other
/// metadata is their provenance. DataError naming `where` when these do not fit together.
StoredWeights read_bare_weights(TensorFile file, const std::string& where);

}  // namespace alexnet
