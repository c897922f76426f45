// The golden images: binary PGM and PPM.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "alexnet/dataset.h"

namespace alexnet {

inline Image read_pnm(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string kind;
  int max = 0;
  Image image;
  file >> kind >> image.width >> image.height >> max;
  file.get();
  if (!file) throw std::runtime_error("cannot read " + path.string());
  image.channels = kind == "P6" ? 3 : 1;
  image.pixels.assign(std::istreambuf_iterator<char>(file), {});
  return image;
}

}  // namespace alexnet
