// A network as the layers of a NetParameter.
#pragma once

#include <string>
#include <vector>

#include "alexnet/model.h"
#include "formats/caffe/message.h"

namespace alexnet::caffe {

/// Values of a layer: a parameter of the network, which the model has, or values of their own.
struct WrittenBlob {
  Shape shape;
  std::string parameter{};  ///< name in parameters(spec); empty: `values`
  std::vector<float> values{};
};

struct WrittenLayer {
  Message message;
  std::vector<WrittenBlob> blobs{};
};

struct MadeNetwork {
  std::string name;
  std::vector<WrittenLayer> layers;
  /// Without values: what a .prototxt has.
  Message definition() const;
};

/// Layers have the names of the network; a batch normalisation becomes two, BatchNorm and Scale. `mean_file`
/// is the name of the mean image if the model has one. DataError naming `where` and the layer, where Caffe
/// has no such layer.
MadeNetwork make_network(const Model& model, const std::string& mean_file, const std::string& where);

}  // namespace alexnet::caffe
