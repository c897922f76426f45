// What a layer makes of images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

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

/// Names of images that cannot be read, and why.
using Unreadable = std::vector<std::pair<std::filesystem::path, std::string>>;

/// Calls body(image, output) for each image that can be read, in order; `output` is the
/// layer's, [channels, height, width], and valid during the call. Layers behind it are not computed. Returns
/// the others.
Unreadable each_layer_output(const Model& model, const std::string& layer, ImageFeed feed,
                             const LayerOutputOptions& options,
                             const std::function<void(const ImageInput&, std::span<const float>)>& body);

}  // namespace alexnet
