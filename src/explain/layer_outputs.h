// What a layer makes of images.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "alexnet/image_input.h"
#include "alexnet/model.h"
#include "inference/image_stream.h"

namespace alexnet {

struct LayerOutputOptions {
  int batch = 32;  // images computed at a time, at least 1
  std::string engine = "cpu";
  /// Called after each batch with images done and in all, as far as that is known.
  std::function<void(std::int64_t, std::int64_t)> progress;
};

/// Valid during the call.
struct LayerOutput {
  const ImageInput& input;
  std::span<const float> values;  // [channels, height, width]; empty when the image cannot be read
  const std::string& error;       // why it cannot; empty when it can
};

/// Calls body for each image, in order. Layers behind this one are not computed.
void each_layer_output(const Model& model, const std::string& layer, ImageFeed feed,
                       const LayerOutputOptions& options,
                       const std::function<void(const LayerOutput&)>& body);

}  // namespace alexnet
