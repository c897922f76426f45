// What a layer makes of pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

struct LayerOutputOptions {
  int batch = 32;  // pictures computed at a time, at least 1
  std::string engine = "cpu";
  /// Called after each batch with pictures done and in all.
  std::function<void(std::int64_t, std::int64_t)> progress;
};

/// Files that are no pictures, and why.
using Unreadable = std::vector<std::pair<std::filesystem::path, std::string>>;

/// Calls body(file, output) for every picture file that can be read, in order; `output` is the layer's,
/// [channels, height, width], and valid during the call. Layers behind it are not computed. Returns the
/// others.
Unreadable each_layer_output(
    const Model& model, const std::string& layer, std::span<const std::filesystem::path> files,
    const LayerOutputOptions& options,
    const std::function<void(const std::filesystem::path&, std::span<const float>)>& body);

}  // namespace alexnet
