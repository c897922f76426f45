// Keras's files as weights, with their network where they have one.
#pragma once

#include "alexnet/model.h"

namespace alexnet::keras {

/// A .keras archive, or an HDF5 file of Keras. No code is run, whatever the file names. DataError naming the
/// file when it is damaged or not supported.
StoredWeights read_model(const Bytes& file);

}  // namespace alexnet::keras
