// What --init names: a model of this program, or bare weights from elsewhere.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

struct StartWeights {
  NamedTensors weights;
  /// How the network that they come from saw pictures; none when the file does not say.
  std::optional<Preprocessing> preprocessing;
  /// What a file of bare weights says of the layers around them: keys "lrn" and "groups".
  std::map<std::string, std::string> said;
};

/// A model file; or any .safetensors file whose tensors are named as a model's. Bare weights may come with
/// the way their pictures were prepared: a tensor `mean` (0 to 255, one value per channel in the order of
/// the weights), and in the metadata `channel_order` (RGB or BGR) and `input` ("0..255 minus mean, 227x227
/// crop of 256x256"). DataError when these do not fit together.
StartWeights load_start_weights(const std::filesystem::path& path);

/// Where the network computes otherwise than the file says its weights expect, a sentence each.
std::vector<std::string> disagreements(const StartWeights& start, const NetworkSpec& spec);

}  // namespace alexnet
