// ONNX files as models, or as networks with weights.
#pragma once

#include "formats/format.h"

namespace alexnet::onnx {

/// A file that this program wrote is the model again, bit by bit, as long as no other program changed its
/// graph. Of other files the classes, and how images are prepared, stay open.
StoredWeights read_model(const Bytes& file);

}  // namespace alexnet::onnx
