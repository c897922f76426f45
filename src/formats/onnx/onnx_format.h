// ONNX (https://onnx.ai) as the registry of formats knows it.
#pragma once

#include "formats/format.h"

namespace alexnet {

const Importer& onnx_importer();
const Exporter& onnx_exporter();

}  // namespace alexnet
