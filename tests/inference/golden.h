// The small model and what PyTorch, torchvision and Pillow make of it (tools/make_inference_goldens.py).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

inline std::filesystem::path golden(std::string_view name) {
  return std::filesystem::path(ALEXNET_TEST_DATA) / name;
}

inline constexpr std::size_t kImages = 5, kClasses = 6;

inline std::vector<std::filesystem::path> images() {
  std::vector<std::filesystem::path> files;
  for (std::size_t i = 0; i < kImages; ++i) files.push_back(golden("image" + std::to_string(i) + ".png"));
  return files;
}

/// [kImages, kClasses]
inline std::vector<float> expected_probabilities() { return read_npy(golden("probabilities.npy")).values; }
/// The means over torchvision's TenCrop.
inline std::vector<float> expected_ten_crops() { return read_npy(golden("ten_crop.npy")).values; }

inline Model small_model() { return load_model(golden("small.safetensors")); }

}  // namespace alexnet
