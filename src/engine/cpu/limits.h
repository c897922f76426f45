// What this machine could do at most, measured on as many threads as the engine computes with.
#pragma once

#include "engine/engine.h"

namespace alexnet::cpu {

EngineLimits measure_limits();

}  // namespace alexnet::cpu
