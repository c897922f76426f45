// From a model to Caffe's files.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "formats/format.h"

namespace alexnet::caffe {

/// The .caffemodel: layers with weights, and this program's metadata, which Caffe skips. DataError naming
/// `name` when Caffe has no such network, or it cannot be written.
void write_model(const Model& model, std::ostream& out, const std::string& name);

/// The .prototxt, and the .binaryproto of a mean image, of a .caffemodel of this name.
std::vector<SideFile> side_files(const Model& model, const std::string& name);

}  // namespace alexnet::caffe
