// HDF5 files of float32 arrays, as Keras (h5py) writes them.
#pragma once

#include <string>
#include <vector>

#include "alexnet/tensor.h"

namespace alexnet::hdf5 {

/// An array of float32 numbers at a path: "layers/conv2d/vars/0".
struct NewArray {
  std::string path;
  Shape shape;
};

/// All bytes that stand before the values. The values of the arrays follow, in their order, without gaps.
/// Paths must differ, and none may lead through another.
std::string hdf5_without_values(const std::vector<NewArray>& arrays);

}  // namespace alexnet::hdf5
