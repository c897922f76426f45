// The reference engine: plain loops over NCHW, forward and backward side by side. The definition of right.
#pragma once

#include "engine/engine.h"

namespace alexnet {

const Engine& reference_engine();

}  // namespace alexnet
