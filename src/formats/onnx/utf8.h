// Texts as protobuf has them.
#pragma once

#include <string>

namespace alexnet::onnx {

/// The text with whatever is not UTF-8 replaced: names of folders become names of classes and of data, and
/// may hold any bytes.
std::string valid_utf8(const std::string& text);

}  // namespace alexnet::onnx
