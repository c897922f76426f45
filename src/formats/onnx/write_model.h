// Models as ONNX files.
#pragma once

#include <iosfwd>
#include <string>

#include "formats/format.h"

namespace alexnet::onnx {

/// Writes the weights from where they are. DataError naming `name` when ONNX has no such layer, when the file
/// would be larger than protobuf allows, or cannot be written.
void write_model(const Model& model, const ExportOptions& options, std::ostream& out,
                 const std::string& name);

/// The bytes of its GraphProto, in which the tensors of the network have no values.
std::string graph_without_weights(const Model& model, bool with_preprocessing, const std::string& where);

}  // namespace alexnet::onnx
