// Caffe's format as the registry of formats knows it.
#pragma once

#include "formats/format.h"

namespace alexnet {

const Importer& caffe_importer();
const Exporter& caffe_exporter();

}  // namespace alexnet
