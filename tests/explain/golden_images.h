// A folder of its own for each test, and images in it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "alexnet/model.h"
#include "charts/png.h"
#include "tests/temporary_folder.h"

namespace alexnet {

class FolderTest : public testing::Test {
 protected:
  std::filesystem::path write_image(const std::string& name, const Image& image) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    save_png(folder_ / name, image);
    return folder_ / name;
  }

  TemporaryFolder own_;
  const std::filesystem::path folder_ = own_.path();
};

/// The model and the five images of tools/make_inference_goldens.py, and what PyTorch makes of them.
inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(ALEXNET_TEST_DATA).parent_path().parent_path() / "inference" / "golden" / name;
}
inline Model golden_model() { return load_model(golden("small.safetensors")); }
inline std::vector<std::filesystem::path> golden_images() {
  std::vector<std::filesystem::path> files;
  files.reserve(5);
  for (int i = 0; i < 5; ++i) files.push_back(golden("image" + std::to_string(i) + ".png"));
  return files;
}

}  // namespace alexnet
