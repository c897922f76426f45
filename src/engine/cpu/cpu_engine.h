// The fast engine for processors: oneDNN's convolutions and matrix products, own kernels for what lies
// between.
#pragma once

#include "engine/engine.h"

namespace alexnet {

const Engine& cpu_engine();

}  // namespace alexnet
