// Layers from the configuration of a model that is a chain.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alexnet/network.h"
#include "formats/keras/chain.h"
#include "formats/keras/layer_config.h"
#include "formats/keras/weight_store.h"
#include "formats/layer_names.h"

namespace alexnet::keras {

/// How a parameter of the network is made from a variable of the model.
struct WeightSource {
  std::string parameter;               ///< name in parameters(spec)
  Shape shape;                         ///< canonical
  std::optional<Variable> variable{};  ///< none: every value is `value`
  Shape stored{};                      ///< shape of the variable
  Shape view{};                        ///< as TensorSource's
  std::vector<int> permutation{};      ///< as TensorSource's
  float value = 0;
};

/// What a model does with its input before the first layer: each channel becomes scale * x + shift.
struct InputSteps {
  std::vector<double> scale, shift;  ///< one per channel; empty: none
};

struct ReadNetwork {
  NetworkSpec spec;                   ///< layers are named as LayerNames does
  std::vector<WeightSource> weights;  ///< in the order of parameters(spec)
  std::vector<std::string> outputs;   ///< of each layer, the Keras layer with this output; empty: none has
  InputSteps input;
  std::vector<std::string> left_out;  ///< layers that only change images in training: "flip (RandomFlip)"
  bool flattens = false;              ///< values of several pixels become a list
};

/// Reads a chain layer by layer. DataError naming the file, the layer, and what of it is not supported.
class NetworkReader {
 public:
  /// `store` has the statistics of Normalization layers; null: they must be in the configuration.
  NetworkReader(const Chain& chain, const WeightStore* store, const std::string& where);
  ReadNetwork read();

 private:
  void start();
  void read(const ChainLayer& layer);
  void name_outputs(const std::string& name);
  void finish();

  // Classes; each reads one layer (network_reader.cpp, read_layers.cpp).
  void conv(LayerConfig& layer);
  void dense(LayerConfig& layer);
  void batch_norm(LayerConfig& layer);
  void pool(LayerConfig& layer);
  void global_pool(LayerConfig& layer);
  void zero_padding(LayerConfig& layer);
  void flatten(LayerConfig& layer);
  void reshape(LayerConfig& layer);
  void dropout(LayerConfig& layer);
  void activation(LayerConfig& layer);
  void relu(LayerConfig& layer);
  void softmax(LayerConfig& layer);
  void rescaling(LayerConfig& layer);
  void normalization(LayerConfig& layer);

  Padding padding(LayerConfig& layer);
  bool not_negative() const;
  void activate(LayerConfig& layer, const std::string& function);
  void require_image(const LayerConfig& layer) const;
  void require_first(const LayerConfig& layer) const;
  /// x -> scale * x + shift; one number per channel, or one for all.
  void prepare_input(const std::vector<double>& scale, const std::vector<double>& shift);
  std::string add(const LayerConfig& layer, const LayerKind& kind);
  Variable variable(const LayerConfig& layer, int number, std::string_view name) const;

  const Chain& chain_;
  const WeightStore* store_;
  const std::string& where_;
  ReadNetwork result_;
  const ChainLayer* current_ = nullptr;
  Extent shape_;
  bool flat_ = false;          // the value is [batch, n]
  std::optional<Extent> hwc_;  // it is a list in the order height, width, channel, of this image
  std::optional<Sides> pad_;   // from a ZeroPadding2D before
  LayerNames names_;
};

}  // namespace alexnet::keras
