// Weights without a network.
#pragma once

#include <string>

#include "alexnet/model.h"
#include "formats/hdf5/read_hdf5.h"

namespace alexnet::keras {

/// Tensors of a .weights.h5 file (Keras 3) or of save_weights (Keras 2), with names such as "conv2d_1.weight"
/// and canonical shapes. DataError naming `where` where the file is none of these.
StoredWeights read_bare_weights(const hdf5::Group& root, const std::string& where);

}  // namespace alexnet::keras
