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

  /// Row y, for y never decreasing by more than the rows kept, and only to rows that were asked for.
  const std::uint8_t* row(int y) {
    if (y >= next_) {
      scale(y, slot(y));
      next_ = y + 1;
    }
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

// Both axes at once, without values in between that are cut off at 0 and 255: a sharp cubic overshoots them
// by far, and down it may weigh them back.
void blend_both(const Image& image, const Taps& across, const Taps& down, Image& result) {
  constexpr int kBits = 2 * kWeightBits;
  const std::ptrdiff_t channels = image.channels, source_row = image.width * channels;
  std::uint8_t* to = result.pixels.data();
  for (std::ptrdiff_t y = 0; y < down.count; ++y)
    for (std::ptrdiff_t x = 0; x < across.count; ++x)
      for (std::ptrdiff_t c = 0; c < channels; ++c, ++to) {
        const std::int32_t *row_weights = down.weights.data() + y * down.stride,
                           *weights = across.weights.data() + x * across.stride;
        const std::uint8_t* from =
            image.pixels.data() + down.first[y] * source_row + across.first[x] * channels + c;
        std::int64_t sum = std::int64_t{1} << (kBits - 1);
        for (std::ptrdiff_t j = 0; j < down.length[y]; ++j, from += source_row) {
          std::int64_t of_row = 0;
          for (std::ptrdiff_t i = 0; i < across.length[x]; ++i) of_row += weights[i] * from[i * channels];
          sum += of_row * row_weights[j];
        }
        *to = static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kBits, 0, 255));
      }
}

// long_side * numerator / denominator, cut off; a strip of pixels can be so long that no int holds it.
int scaled(int side, int numerator, int denominator) {
  const std::int64_t result = std::int64_t{side} * numerator / denominator;
  return static_cast<int>(std::min<std::int64_t>(result, std::numeric_limits<int>::max()));
}

}  // namespace

ScaledSize scaled_size(int width, int height, const Resize& resize, int min_width, int min_height) {
  if (!resize.keeps_shape) return {resize.width, resize.height};
  const int side = resize.short_side();
  ScaledSize size = width <= height ? ScaledSize{side, scaled(height, side, width)}
                                    : ScaledSize{scaled(width, side, height), side};
  if (size.width >= min_width && size.height >= min_height) return size;
  const bool by_width = std::int64_t{min_width} * height >= std::int64_t{min_height} * width;
  return by_width ? ScaledSize{min_width, scaled(height, min_width, width)}
                  : ScaledSize{scaled(width, min_height, height), min_height};
}

void resample(const Image& image, const ScaledSize& size, const CropBox& box, Image& result,
              const Filter& filter) {
  thread_local Scratch scratch;
  scratch.across.compute(image.width, size.width, box.left, box.width, filter);
  scratch.down.compute(image.height, size.height, box.top, box.height, filter);
  const Taps& down = scratch.down;
  scratch.rows.resize(static_cast<std::size_t>(down.stride));

  result.width = box.width;
  result.height = box.height;
  result.channels = image.channels;
  const std::size_t row_bytes =
      static_cast<std::size_t>(box.width) * static_cast<std::size_t>(image.channels);
  result.pixels.resize(row_bytes * static_cast<std::size_t>(box.height));
  if (filter.interpolation == Interpolation::kBicubic && !filter.antialias) {
    blend_both(image, scratch.across, down, result);
    return;
  }
  ScaledRows across(image, box, scratch);
  std::uint8_t* to = result.pixels.data();
  for (int y = 0; y < box.height; ++y, to += row_bytes) {
    for (int j = 0; j < down.length[y]; ++j) scratch.rows[j] = across.row(down.first[y] + j);
    if (down.stride == 1) {
      std::memcpy(to, scratch.rows[0], row_bytes);
    } else {
      HWY_DYNAMIC_DISPATCH(blend_rows)
      (scratch.rows.data(), down.weights.data() + static_cast<std::ptrdiff_t>(y) * down.stride,
       down.length[y], row_bytes, to);
    }
  }
}

Image resample(const Image& image, const ScaledSize& size, const CropBox& box, const Filter& filter) {
  Image result;
  resample(image, size, box, result, filter);
  return result;
}

}  // namespace alexnet
