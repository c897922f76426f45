// What operations/normalise_pool_drop.cpp asks of the instruction set: the passes of batch normalisation, max
// pooling and dropout over one block of channels of one or more images.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alexnet::cpu {

/// How windows lie. Without pooling, input and output are the same pixels.
struct PoolGeometry {
  bool pooled = false;
  int in_height = 1, in_width = 1, out_height = 1, out_width = 1;
  int kernel_height = 1, kernel_width = 1, stride_height = 1, stride_width = 1, pad_top = 0, pad_left = 0;
};

/// Where a dropout mask is drawn; see dropout_draw(). threshold 0: none.
struct DropoutMask {
  std::uint32_t threshold = 0;
  float scale = 1.0F;  // of what is kept
  std::uint64_t seed = 0;
  std::uint32_t step = 0, layer = 0;
};

/// One block of channels of `images` images: pointers to the first, and floats (or elements) from one image
/// to the next. y = dropout(max pool(scale * (x - center) + shift)).
struct NormalisePoolDropTile {
  PoolGeometry geometry;
  int images = 1;
  std::size_t in_stride = 0, out_stride = 0;
  const float *center = nullptr, *scale = nullptr, *shift = nullptr;  // `block` floats
  const float* x = nullptr;
  float* y = nullptr;
  /// For each output, which pixel of its window it came from, or kDropped. Null: not wanted.
  std::uint16_t* winners = nullptr;
  DropoutMask dropout;
  std::uint64_t first_element = 0;   // of dropout_draw(), for the first image
  std::uint64_t element_stride = 0;  // from one image to the next
};
inline constexpr std::uint16_t kDropped = 0xffff;

/// dx = a * routed + b * (x - center) + c, where `routed` is dy * scale of dropout, led back through pooling;
/// zero where x <= 0 with relu.
struct NormalisePoolDropGradientTile {
  PoolGeometry geometry;
  int images = 1;
  std::size_t in_stride = 0, out_stride = 0;
  const float *center = nullptr, *a = nullptr, *b = nullptr, *c = nullptr;
  const float* x = nullptr;  // null: neither b nor relu are wanted
  const float* dy = nullptr;
  const std::uint16_t* winners = nullptr;  // null: no pooling, nothing dropped
  float dropout_scale = 1.0F;
  bool relu = false;
  float* dx = nullptr;
};

/// Mean and sum of squared differences from it, per channel of a block, of images * pixels values.
void channel_moments(int block, const float* x, int images, std::size_t stride, std::size_t pixels,
                     float* mean, float* squares);
void normalise_pool_drop(int block, const NormalisePoolDropTile& tile);
/// sum = sum of routed dy; product = sum of routed dy * (x - center). Of the tile, a, b, c and dx are unused.
void normalise_pool_drop_sums(int block, const NormalisePoolDropGradientTile& tile, float* sum,
                              float* product);
void normalise_pool_drop_gradient(int block, const NormalisePoolDropGradientTile& tile);

}  // namespace alexnet::cpu
