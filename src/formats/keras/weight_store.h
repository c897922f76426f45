// The weights of a model by the layers that they belong to.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "formats/hdf5/read_hdf5.h"

namespace alexnet::keras {

/// A variable of a layer: by number in files of Keras 3, by name in those of Keras 2.
struct Variable {
  std::string layer;  ///< name of the layer
  std::string group;  ///< ChainLayer::group
  int number = 0;
  std::string_view name;  ///< "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", ...
};

struct StoredVariable {
  std::string path;  ///< in the HDF5 file
  const hdf5::Dataset* dataset = nullptr;
};

class WeightStore {
 public:
  enum class Names {
    kByClass,  ///< layers/conv2d_1/vars/0: Keras 3
    kByLayer   ///< model_weights/NAME/.../kernel:0: Keras 2
  };
  /// `root` must outlive the store.
  WeightStore(const hdf5::Group& root, Names names, const std::string& where);

  /// DataError naming the layer where the variable is missing or its values cannot be read.
  StoredVariable find(const Variable& variable) const;
  /// Reasons why tensors of the file are not used, by path, but for those in `used`.
  std::map<std::string, std::string> ignored(const std::set<std::string>& used) const;

 private:
  const hdf5::Group& root_;
  Names names_;
  const std::string& where_;
};

/// Datasets below a group by path, each path behind `prefix`.
std::map<std::string, const hdf5::Dataset*> all_datasets(const hdf5::Group& group, const std::string& prefix);

}  // namespace alexnet::keras
