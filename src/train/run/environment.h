// environment.json: what a run was made with, apart from its settings.
#pragma once

#include <string>

namespace alexnet {

/// Program, processor, processors, memory, system and the time, as a JSON object of texts and numbers.
std::string environment_json();

}  // namespace alexnet
