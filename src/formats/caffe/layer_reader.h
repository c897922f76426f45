// The layers of a chain, one after the other.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "formats/caffe/network_reader.h"
#include "formats/caffe/parameters.h"

namespace alexnet::caffe {

class LayerReader {
 public:
  LayerReader(const std::string& where, ReadNetwork& result);

  /// Appends what a layer computes to the network. DataError where that is not supported.
  void read(const Definition& layer);

 private:
  // Each reads one layer.
  void convolution(const Definition& layer);
  void inner_product(const Definition& layer);
  void pooling(const Definition& layer);
  void lrn(const Definition& layer);
  void batch_norm(const Definition& layer);
  void scale(const Definition& layer);
  void relu(const Definition& layer);
  void dropout(const Definition& layer);
  void softmax(const Definition& layer);
  void flatten(const Definition& layer);

  /// Appends a layer, and returns its name.
  std::string add(const Definition& layer, const LayerKind& kind);
  void make_flat(const Definition& layer);
  std::string unused_name(const std::string& wanted);
  void add_weights(const std::string& name, const Definition& layer, Shape kernel, bool has_bias,
                   bool transposed);

  const std::string& where_;
  ReadNetwork& result_;
  Extent shape_;                          // of the current value
  std::map<std::string, int> names_;      // with the last number that was appended to it
  std::optional<std::string> open_norm_;  // a batch normalisation that may still get scale and shift
};

}  // namespace alexnet::caffe
