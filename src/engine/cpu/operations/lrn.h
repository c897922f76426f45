// Local response normalisation.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

std::unique_ptr<Operation> make_lrn(std::string name, Layout layout, const Lrn& lrn, bool training);

}  // namespace alexnet::cpu
