#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "engine/reference/operation.h"
#include "model/geometry.h"

namespace alexnet::reference {
namespace {

/// Output positions [first, last) at which one column of the kernel lies on a pixel, not on padding.
struct Columns {
  std::int64_t first = 0, last = 0;
};

class Convolution final : public Operation {
 public:
  Convolution(const Conv& layer, const Site& site)
      : Operation(site),
        kernel_height_(layer.kernel.height),
        kernel_width_(layer.kernel.width),
        down_(layer.stride.height),
        right_(layer.stride.width),
        top_(windows(site.in, layer).rows.pad_before),
        left_(windows(site.in, layer).columns.pad_before),
        group_inputs_(site.in.channels / layer.groups),
        group_outputs_(site.out.channels / layer.groups) {
    for (std::int64_t kx = 0; kx < kernel_width_; ++kx) columns_.push_back(columns(kx));
    const std::int64_t row_floats = std::max(std::int64_t{site.out.channels} * site.out.width,
                                             std::int64_t{site.in.channels} * site.in.width);
    rows_.resize(static_cast<std::size_t>(site.batch * row_floats));
  }

  void forward(const PassOptions&, const float* x, float* y) override {
    parallel_for(site_.batch * site_.out.channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane) forward_plane(plane, x, y);
    });
  }

  void backward(const float* x, const float* /*y*/, const float* dy, float* dx) override {
    if (!site_.weight.gradient.empty())
      parallel_for(site_.out.channels, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t filter = begin; filter < end; ++filter) filter_gradient(filter, x, dy);
      });
    if (dx == nullptr) return;
    parallel_for(site_.batch * site_.in.channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane) input_gradient_plane(plane, dy, dx);
    });
  }

  std::size_t work_bytes() const override { return rows_.size() * sizeof(double); }

 private:
  // Solves 0 <= position * stride + kx - left < width for the position.
  Columns columns(std::int64_t kx) const {
    const std::int64_t first = std::max<std::int64_t>(0, (left_ - kx + right_ - 1) / right_);
    const std::int64_t room = site_.in.width - 1 + left_ - kx;
    const std::int64_t last = room < 0 ? 0 : std::min<std::int64_t>(site_.out.width, room / right_ + 1);
    return {first, std::max(first, last)};
  }

  // One channel of one output image: y[o, oy, ox] = bias[o] + sum w[o, c, ky, kx] x[c, iy, ix].
  void forward_plane(std::int64_t plane, const float* x, float* y) {
    const Extent &in = site_.in, &out = site_.out;
    const std::int64_t image = plane / out.channels, filter = plane % out.channels;
    const std::int64_t first_input = filter / group_outputs_ * group_inputs_;
    double* row = rows_.data() + plane * out.width;
    for (std::int64_t oy = 0; oy < out.height; ++oy) {
      std::fill_n(row, out.width, double{site_.bias.values[filter]});
      for (std::int64_t c = 0; c < group_inputs_; ++c)
        for (std::int64_t ky = 0; ky < kernel_height_; ++ky) {
          const std::int64_t iy = oy * down_ + ky - top_;
          if (iy < 0 || iy >= in.height) continue;
          const float* pixels = x + ((image * in.channels + first_input + c) * in.height + iy) * in.width;
          const float* taps = weight(filter, c, ky);
          for (std::int64_t kx = 0; kx < kernel_width_; ++kx) {
            const double tap = taps[kx];
            for (std::int64_t ox = columns_[kx].first; ox < columns_[kx].last; ++ox)
              row[ox] += tap * pixels[ox * right_ + kx - left_];
          }
        }
      std::transform(row, row + out.width, y + (plane * out.height + oy) * out.width,
                     [](double sum) { return static_cast<float>(sum); });
    }
  }

  // One channel of one input image: dx[c, iy, ix] = sum w[o, c, ky, kx] dy[o, oy, ox].
  void input_gradient_plane(std::int64_t plane, const float* dy, float* dx) {
    const Extent &in = site_.in, &out = site_.out;
    const std::int64_t image = plane / in.channels, channel = plane % in.channels;
    const std::int64_t first_filter = channel / group_inputs_ * group_outputs_;
    double* row = rows_.data() + plane * in.width;
    for (std::int64_t iy = 0; iy < in.height; ++iy) {
      std::fill_n(row, in.width, 0.0);
      for (std::int64_t filter = first_filter; filter < first_filter + group_outputs_; ++filter)
        for (std::int64_t ky = 0; ky < kernel_height_; ++ky) {
          const std::int64_t from_top = iy + top_ - ky, oy = from_top / down_;
          if (from_top < 0 || from_top % down_ != 0 || oy >= out.height) continue;
          const float* gradients = dy + ((image * out.channels + filter) * out.height + oy) * out.width;
          const float* taps = weight(filter, channel % group_inputs_, ky);
          for (std::int64_t kx = 0; kx < kernel_width_; ++kx) {
            const double tap = taps[kx];
            for (std::int64_t ox = columns_[kx].first; ox < columns_[kx].last; ++ox)
              row[ox * right_ + kx - left_] += tap * gradients[ox];
          }
        }
      std::transform(row, row + in.width, dx + (plane * in.height + iy) * in.width,
                     [](double sum) { return static_cast<float>(sum); });
    }
  }

  // dw[o, c, ky, kx] = sum over images and positions of dy[o, oy, ox] x[c, iy, ix]; db[o] = sum of dy[o].
  void filter_gradient(std::int64_t filter, const float* x, const float* dy) {
    const Extent& out = site_.out;
    const std::int64_t first_input = filter / group_outputs_ * group_inputs_;
    for (std::int64_t c = 0; c < group_inputs_; ++c)
      for (std::int64_t ky = 0; ky < kernel_height_; ++ky)
        for (std::int64_t kx = 0; kx < kernel_width_; ++kx) {
          const std::int64_t tap = ((filter * group_inputs_ + c) * kernel_height_ + ky) * kernel_width_ + kx;
          site_.weight.gradient[tap] =
              static_cast<float>(tap_gradient(filter, first_input + c, ky, kx, x, dy));
        }
    double bias = 0;
    for (std::int64_t image = 0; image < site_.batch; ++image) {
      const std::int64_t pixels = std::int64_t{out.height} * out.width;
      const float* gradients = dy + (image * out.channels + filter) * pixels;
      for (std::int64_t i = 0; i < pixels; ++i) bias += gradients[i];
    }
    site_.bias.gradient[filter] = static_cast<float>(bias);
  }

  double tap_gradient(std::int64_t filter, std::int64_t channel, std::int64_t ky, std::int64_t kx,
                      const float* x, const float* dy) const {
    const Extent &in = site_.in, &out = site_.out;
    const auto [first, last] = columns_[kx];
    if (first == last) return 0;
    double sum = 0;
    for (std::int64_t image = 0; image < site_.batch; ++image)
      for (std::int64_t oy = 0; oy < out.height; ++oy) {
        const std::int64_t iy = oy * down_ + ky - top_;
        if (iy < 0 || iy >= in.height) continue;
        const float* gradients = dy + ((image * out.channels + filter) * out.height + oy) * out.width;
        const float* pixels = x + ((image * in.channels + channel) * in.height + iy) * in.width;
        sum += dot(gradients + first, 1, pixels + first * right_ + kx - left_, right_, last - first);
      }
    return sum;
  }

  const float* weight(std::int64_t filter, std::int64_t c, std::int64_t ky) const {
    return site_.weight.values.data() + ((filter * group_inputs_ + c) * kernel_height_ + ky) * kernel_width_;
  }

  std::int64_t kernel_height_, kernel_width_;
  std::int64_t down_, right_;                  // from one window to the next
  std::int64_t top_, left_;                    // padding
  std::int64_t group_inputs_, group_outputs_;  // channels of one group
  std::vector<Columns> columns_;               // for each column of the kernel
  std::vector<double> rows_;                   // a row of sums for each plane computed
};

}  // namespace

OperationPointer make(const Conv& layer, const Site& site) {
  return std::make_unique<Convolution>(layer, site);
}

}  // namespace alexnet::reference
