// How activations lie in memory: in blocks of channels, [n][channels / block][h][w][block], the channels
// padded to whole blocks with zeros. A flat layer is the same with h = w = 1, that is rows of padded length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "alexnet/network.h"

namespace alexnet::cpu {

struct Layout {
  int batch = 0;
  Extent extent;
  int block = 1;  // 1: plain NCHW

  int blocks() const { return (extent.channels + block - 1) / block; }
  std::size_t pixels() const {
    return static_cast<std::size_t>(extent.height) * static_cast<std::size_t>(extent.width);
  }
  /// Floats of one image, padding included.
  std::size_t image() const {
    return static_cast<std::size_t>(blocks()) * static_cast<std::size_t>(block) * pixels();
  }
  std::size_t count() const { return static_cast<std::size_t>(batch) * image(); }
};

/// Copies between blocked memory and canonical NCHW. to_blocked writes the padding's zeros.
void to_plain(const Layout& layout, const float* blocked, float* plain);
void to_blocked(const Layout& layout, const float* plain, float* blocked);

/// Zeros the channels that are padding.
void clear_padding(const Layout& layout, float* blocked);

/// [C, H, W] in blocks to the flat vector of C * H * W in that order, in blocks, and back.
void flatten(const Layout& spatial, const Layout& flat, const float* from, float* to);
void unflatten(const Layout& spatial, const Layout& flat, const float* from, float* to);

}  // namespace alexnet::cpu
