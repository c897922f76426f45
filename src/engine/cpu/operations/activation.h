// Activation functions that found nothing to go with.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

std::unique_ptr<Operation> make_activation(std::string name, Layout layout, Activation::Kind kind);

}  // namespace alexnet::cpu
