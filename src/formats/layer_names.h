// Names for the layers of a network that comes from another program.
#pragma once

#include <map>
#include <string>

#include "alexnet/network.h"

namespace alexnet {

/// Names layers as those of this program's own networks: after their kind and the number of the last
/// convolution or dense layer. conv1, relu1, pool1, ..., flatten, fc6, ..., prob.
class LayerNames {
 public:
  std::string next(const LayerKind& layer);

 private:
  int block_ = 1;
  bool first_block_ = true;
  std::map<std::string, int> names_;
};

}  // namespace alexnet
