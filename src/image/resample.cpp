#include "image/resample.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#define HWY_TARGET_INCLUDE "image/resample_kernels.h"
#include <hwy/foreach_target.h>
// After foreach_target.h, which has to see it first.
#include "image/resample_kernels.h"

namespace alexnet {

HWY_EXPORT(scale_gray_row);
HWY_EXPORT(scale_rgb_row);
HWY_EXPORT(blend_rows);

namespace {

// The kernel for pixels of 3 bytes handles 4 at a time.
constexpr std::size_t kSlack = 1;

// Memory that is used again for the next image of a thread.
struct Scratch {
  Taps across, down;
  std::vector<std::uint8_t> ring;      // rows scaled across, as many as a row of the result needs
  std::vector<std::uint8_t> last_row;  // of the source, with slack
  std::vector<const std::uint8_t*> rows;
};

// Rows of the source, scaled across and cropped, each computed once, in order.
class ScaledRows {
 public:
  ScaledRows(const Image& image, const CropBox& box, Scratch& scratch)
      : image_(image), across_(scratch.across), scratch_(scratch) {
    row_bytes_ = static_cast<std::size_t>(box.width) * static_cast<std::size_t>(image.channels);
    source_bytes_ = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.channels);
    next_ = scratch.down.first[0];
    slots_ = scratch.down.stride;
    scratch.ring.resize(static_cast<std::size_t>(slots_) * (row_bytes_ + kSlack));
    if (image.channels == 3) {
      scratch.last_row.resize(source_bytes_ + kSlack);
      std::memcpy(scratch.last_row.data(), source(image.height - 1), source_bytes_);
    }
  }

  /// Row y, for y never decreasing by more than the rows kept.
  const std::uint8_t* row(int y) {
    for (; next_ <= y; ++next_) scale(next_, slot(next_));
    return slot(y);
  }

 private:
  const std::uint8_t* source(int y) const {
    return image_.pixels.data() + static_cast<std::size_t>(y) * source_bytes_;
  }
  std::uint8_t* slot(int y) {
    return scratch_.ring.data() + static_cast<std::size_t>(y % slots_) * (row_bytes_ + kSlack);
  }
  void scale(int y, std::uint8_t* to) const {
    if (across_.is_copy()) {
      std::memcpy(to, source(y) + static_cast<std::ptrdiff_t>(across_.first[0]) * image_.channels,
                  row_bytes_);
    } else if (image_.channels == 1) {
      HWY_DYNAMIC_DISPATCH(scale_gray_row)(source(y), across_.view(), to);
    } else {
      const bool last = y == image_.height - 1;
      HWY_DYNAMIC_DISPATCH(scale_rgb_row)(last ? scratch_.last_row.data() : source(y), across_.view(), to);
    }
  }

  const Image& image_;
  const Taps& across_;
  Scratch& scratch_;
  std::size_t row_bytes_, source_bytes_;
  int next_, slots_;
};

// long_side * numerator / denominator, cut off; a strip of pixels can be so long that no int holds it.
int scaled(int side, int numerator, int denominator) {
  const std::int64_t result = std::int64_t{side} * numerator / denominator;
  return static_cast<int>(std::min<std::int64_t>(result, std::numeric_limits<int>::max()));
}

}  // namespace

ScaledSize scaled_size(int width, int height, int resize, int min_width, int min_height) {
  ScaledSize size = width <= height ? ScaledSize{resize, scaled(height, resize, width)}
                                    : ScaledSize{scaled(width, resize, height), resize};
  if (size.width >= min_width && size.height >= min_height) return size;
  const bool by_width = std::int64_t{min_width} * height >= std::int64_t{min_height} * width;
  return by_width ? ScaledSize{min_width, scaled(height, min_width, width)}
                  : ScaledSize{scaled(width, min_height, height), min_height};
}

void resample(const Image& image, const ScaledSize& size, const CropBox& box, Image& result) {
  thread_local Scratch scratch;
  scratch.across.compute(image.width, size.width, box.left, box.width);
  scratch.down.compute(image.height, size.height, box.top, box.height);
  const Taps& down = scratch.down;
  scratch.rows.resize(static_cast<std::size_t>(down.stride));

  result.width = box.width;
  result.height = box.height;
  result.channels = image.channels;
  const std::size_t row_bytes =
      static_cast<std::size_t>(box.width) * static_cast<std::size_t>(image.channels);
  result.pixels.resize(row_bytes * static_cast<std::size_t>(box.height));
  ScaledRows across(image, box, scratch);
  std::uint8_t* to = result.pixels.data();
  for (int y = 0; y < box.height; ++y, to += row_bytes) {
    for (int j = 0; j < down.length[y]; ++j) scratch.rows[j] = across.row(down.first[y] + j);
    if (down.is_copy()) {
      std::memcpy(to, scratch.rows[0], row_bytes);
    } else {
      HWY_DYNAMIC_DISPATCH(blend_rows)
      (scratch.rows.data(), down.weights.data() + static_cast<std::ptrdiff_t>(y) * down.stride,
       down.length[y], row_bytes, to);
    }
  }
}

Image resample(const Image& image, const ScaledSize& size, const CropBox& box) {
  Image result;
  resample(image, size, box, result);
  return result;
}

}  // namespace alexnet
