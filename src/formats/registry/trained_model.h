// How the models of a training run are called in its folder.
#pragma once

namespace alexnet {

inline constexpr const char* kBestModel = "best.safetensors";
inline constexpr const char* kLastModel = "last.safetensors";

}  // namespace alexnet
