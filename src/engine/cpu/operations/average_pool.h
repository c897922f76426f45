// Average pooling.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

std::unique_ptr<Operation> make_average_pool(std::string name, Layout input, Layout output, const Pool& pool);

}  // namespace alexnet::cpu
