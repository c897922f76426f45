// From a .caffemodel to a model.
#pragma once

#include "alexnet/model.h"

namespace alexnet::caffe {

/// The network is that of `options.network`, or of the .prototxt of the same name beside the file, or the one
/// in the file itself. DataError as Importer::read().
StoredWeights read_model(const Bytes& file, const ImportOptions& options);

}  // namespace alexnet::caffe
