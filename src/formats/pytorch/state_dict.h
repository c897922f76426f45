// The tensors of a checkpoint: where they are in it, and what they are called.
#pragma once

#include <map>
#include <string>

#include "formats/pytorch/pickle_value.h"

namespace alexnet::pytorch {

/// A tensor with its path in the file: "state_dict.module.features.0.weight".
struct FoundTensor {
  std::string path;
  const StridedTensor* tensor = nullptr;
};

/// What a checkpoint holds.
struct StateDict {
  std::map<std::string, FoundTensor> tensors;  // by name, as the network itself calls them
  std::map<std::string, std::string> ignored;  // other tensors: the reason by path
};

/// The tensors of the object that was saved: those of the state dict inside a checkpoint, such as its entry
/// "state_dict" or "model", else all that there are, the names of nested dictionaries joined by dots.
/// "module" and "_orig_mod", which wrappers of PyTorch put into names, are left out of them. DataError naming
/// `where` when there are no tensors, or too many.
StateDict find_state_dict(const Value& root, const std::string& where);

}  // namespace alexnet::pytorch
