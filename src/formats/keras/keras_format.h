// The format of Keras: https://keras.io/api/models/model_saving_apis/
#pragma once

#include "formats/format.h"

namespace alexnet {

/// .keras, .h5 of whole models and of weights alone (Keras 2 and 3).
const Importer& keras_importer();
/// .keras (Keras 3).
const Exporter& keras_exporter();

}  // namespace alexnet
