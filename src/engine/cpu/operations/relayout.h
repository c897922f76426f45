// Changes of layout.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

/// [C, H, W] to [C * H * W].
std::unique_ptr<Operation> make_flatten(std::string name, Layout input, Layout output);
/// From the user's NCHW to blocks.
std::unique_ptr<Operation> make_entry(std::string name, Layout plain, Layout blocked);

}  // namespace alexnet::cpu
