// The safetensors format as the registry of formats knows it: models of this program, and bare weights.
#pragma once

#include "formats/format.h"

namespace alexnet {

const Importer& safetensors_importer();
const Exporter& safetensors_exporter();

}  // namespace alexnet
