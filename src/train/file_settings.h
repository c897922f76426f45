// The settings a configuration file may hold: those of the command line, and where the data is.
#pragma once

#include <span>

#include "alexnet/settings.h"

namespace alexnet {

std::span<const Setting> file_settings();

}  // namespace alexnet
