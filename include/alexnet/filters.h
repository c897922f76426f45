// What single channels of a network respond to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/export.h"
#include "alexnet/kernels.h"
#include "alexnet/model.h"

namespace alexnet {

/// A place in an image that a channel responds to.
struct Patch {
  std::filesystem::path file;  ///< the image
  float activation = 0;        ///< the layer's output at this place
  int row = 0,                 ///< in the layer's output, from the top
      column = 0;              ///< in the layer's output, from the left
  /// What that place of the layer can see, from the image as the network sees it; what lies outside of it
  /// is gray.
  Image image;
};

/// Options of strongest_patches().
struct PatchOptions {
  int top = 16;                ///< patches wanted, at least 1; each is of another image
  int batch = 32;              ///< images computed at a time
  std::string engine = "cpu";  ///< one of engine_names()
  /// Called after each batch with images done and in all.
  std::function<void(std::int64_t, std::int64_t)> progress{};
};

/// Patches of one channel, and the images that could not be read.
struct StrongestPatches {
  int channels = 0;                                                       ///< number of channels of the layer
  std::vector<Patch> patches;                                             ///< the strongest first
  std::vector<std::pair<std::filesystem::path, std::string>> unreadable;  ///< file, reason
};

/// Where a channel of a layer responds most among images (after Zeiler & Fergus 2014, figure 2): of each
/// image its strongest place, of these the `top` strongest. UsageError when there is no such layer or
/// channel.
ALEXNET_API StrongestPatches strongest_patches(const Model& model, const std::string& layer, int channel,
                                               std::span<const std::filesystem::path> files,
                                               const PatchOptions& options = {});

}  // namespace alexnet
