// Operations of one layer each: activation functions that found nothing to go with, average pooling, local
// response normalisation, and changes of layout.
#pragma once

#include <memory>
#include <string>

#include "alexnet/network.h"
#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

std::unique_ptr<Operation> make_activation(std::string name, Layout layout, Activation::Kind kind);
std::unique_ptr<Operation> make_average_pool(std::string name, Layout input, Layout output, const Pool& pool);
std::unique_ptr<Operation> make_lrn(std::string name, Layout layout, const Lrn& lrn, bool training);
/// [C, H, W] to [C * H * W].
std::unique_ptr<Operation> make_flatten(std::string name, Layout input, Layout output);
/// From the user's NCHW to blocks.
std::unique_ptr<Operation> make_entry(std::string name, Layout plain, Layout blocked);

}  // namespace alexnet::cpu
