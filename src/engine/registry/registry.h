// The engines of this program.
#pragma once

#include <span>
#include <string_view>

#include "engine/engine.h"

namespace alexnet {

/// All of them, those that cannot run on this machine included; the usual one first.
std::span<const Engine* const> engines();

/// UsageError when there is none of that name, DeviceError when it cannot run on this machine.
const Engine& find_engine(std::string_view name);

}  // namespace alexnet
