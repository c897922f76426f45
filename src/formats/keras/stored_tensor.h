// Arrays of a file as tensors of this program.
#pragma once

#include "alexnet/model.h"
#include "formats/hdf5/read_hdf5.h"

namespace alexnet::keras {

/// The values in the order that `source` describes, with the shape `shape`, which fits them.
TensorView tensor_of(const hdf5::Dataset& dataset, const TensorSource& source, const Shape& shape);

/// The same value everywhere.
TensorView filled(const Shape& shape, float value);

}  // namespace alexnet::keras
