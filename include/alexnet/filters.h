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
  std::filesystem::path file;
  float activation = 0;
  int row = 0, column = 0;  // in the layer's output
  /// What that place of the layer can see, from the image as the network sees it; what lies outside of it
  /// is gray.
  Image image;
};

struct PatchOptions {
  int top = 16;  // patches wanted, one per image
  int batch = 32;
  std::string engine = "cpu";
  /// Called after each batch with images done and in all.
  std::function<void(std::int64_t, std::int64_t)> progress{};
};

struct StrongestPatches {
  int channels = 0;                                                       // of the layer
  std::vector<Patch> patches;                                             // the strongest first
  std::vector<std::pair<std::filesystem::path, std::string>> unreadable;  // file, reason
};

/// Where a channel of a layer responds most among images (after Zeiler & Fergus 2014, figure 2): of each
/// image its strongest place, of these the `top` strongest. UsageError when there is no such layer or
/// channel.
ALEXNET_API StrongestPatches strongest_patches(const Model& model, const std::string& layer, int channel,
                                               std::span<const std::filesystem::path> files,
                                               const PatchOptions& options = {});

}  // namespace alexnet
