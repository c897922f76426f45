#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "engine/reference/operation.h"

namespace alexnet::reference {
namespace {

// Krizhevsky 2012, section 3.3: b_c = a_c / d_c^beta with d_c = k + alpha' * sum of a_j^2 over the window of
// c. An even window reaches one channel further down than up, as PyTorch's does.
class LocalResponseNormalisation final : public Operation {
 public:
  LocalResponseNormalisation(const Lrn& layer, const Site& site)
      : Operation(site),
        below_(layer.size / 2),
        above_((layer.size - 1) / 2),
        k_(layer.k),
        alpha_(layer.convention == Lrn::Convention::kMean ? double{layer.alpha} / layer.size
                                                          : double{layer.alpha}),
        beta_(layer.beta),
        pixels_(std::int64_t{site.in.height} * site.in.width),
        divisors_(static_cast<std::size_t>(input_size())) {}

  void forward(const PassOptions&, const float* x, float* y) override {
    each_channel([&](std::int64_t first_plane, std::int64_t c) {
      double* divisors = divisors_.data() + (first_plane + c) * pixels_;
      std::fill_n(divisors, pixels_, k_);
      const std::int64_t end = std::min<std::int64_t>(site_.in.channels, c + above_ + 1);
      for (std::int64_t j = std::max<std::int64_t>(0, c - below_); j < end; ++j) {
        const float* plane = x + (first_plane + j) * pixels_;
        for (std::int64_t i = 0; i < pixels_; ++i) divisors[i] += alpha_ * plane[i] * plane[i];
      }
      const float* in = x + (first_plane + c) * pixels_;
      float* out = y + (first_plane + c) * pixels_;
      for (std::int64_t i = 0; i < pixels_; ++i)
        out[i] = static_cast<float>(in[i] * std::pow(divisors[i], -beta_));
    });
  }

  // da_j = dy_j / d_j^beta - 2 alpha' beta a_j * sum of dy_c a_c / d_c^(beta + 1) over the channels c whose
  // window holds j.
  void backward(const float* x, const float* /*y*/, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    each_channel([&](std::int64_t first_plane, std::int64_t j) {
      const std::int64_t begin = std::max<std::int64_t>(0, j - above_);
      const std::int64_t end = std::min<std::int64_t>(site_.in.channels, j + below_ + 1);
      for (std::int64_t i = 0; i < pixels_; ++i) {
        double sum = 0;
        for (std::int64_t c = begin; c < end; ++c) {
          const std::int64_t at = (first_plane + c) * pixels_ + i;
          sum += double{dy[at]} * x[at] * std::pow(divisors_[at], -beta_ - 1);
        }
        const std::int64_t at = (first_plane + j) * pixels_ + i;
        dx[at] =
            static_cast<float>(dy[at] * std::pow(divisors_[at], -beta_) - 2 * alpha_ * beta_ * x[at] * sum);
      }
    });
  }

  std::size_t work_bytes() const override { return divisors_.size() * sizeof(double); }

 private:
  /// Calls body(plane of the image's first channel, channel) for every channel of every image.
  template <class Body>
  void each_channel(Body&& body) const {
    const std::int64_t channels = site_.in.channels;
    parallel_for(site_.batch * channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane) body(plane - plane % channels, plane % channels);
    });
  }

  std::int64_t below_, above_;  // channels of the window on either side
  double k_, alpha_, beta_;
  std::int64_t pixels_;
  std::vector<double> divisors_;  // d, of the last forward()
};

// The same within a channel, over squares of pixels: Caffe's, with squares cut off at the border.
class WithinChannel final : public Operation {
 public:
  WithinChannel(const Lrn& layer, const Site& site)
      : Operation(site),
        before_(layer.size / 2),
        behind_((layer.size - 1) / 2),
        k_(layer.k),
        alpha_(layer.convention == Lrn::Convention::kMean
                   ? double{layer.alpha} / (double{1} * layer.size * layer.size)
                   : double{layer.alpha}),
        beta_(layer.beta),
        divisors_(static_cast<std::size_t>(input_size())) {}

  void forward(const PassOptions&, const float* x, float* y) override {
    each_pixel([&](std::int64_t at, std::int64_t plane, std::int64_t row, std::int64_t column) {
      double sum = 0;
      each_of(row, column, before_, behind_,
              [&](std::int64_t i) { sum += double{x[plane + i]} * x[plane + i]; });
      divisors_[at] = k_ + alpha_ * sum;
      y[at] = static_cast<float>(x[at] * std::pow(divisors_[at], -beta_));
    });
  }

  // As across channels; the squares that hold a pixel lie mirrored around it.
  void backward(const float* x, const float* /*y*/, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    each_pixel([&](std::int64_t at, std::int64_t plane, std::int64_t row, std::int64_t column) {
      double sum = 0;
      each_of(row, column, behind_, before_, [&](std::int64_t i) {
        sum += double{dy[plane + i]} * x[plane + i] * std::pow(divisors_[plane + i], -beta_ - 1);
      });
      dx[at] =
          static_cast<float>(dy[at] * std::pow(divisors_[at], -beta_) - 2 * alpha_ * beta_ * x[at] * sum);
    });
  }

  std::size_t work_bytes() const override { return divisors_.size() * sizeof(double); }

 private:
  /// Calls body(place, place of its plane, row, column) for every value.
  template <class Body>
  void each_pixel(Body&& body) const {
    const std::int64_t height = site_.in.height, width = site_.in.width;
    parallel_for(site_.batch * site_.in.channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin * height * width; plane < end * height * width; plane += height * width)
        for (std::int64_t row = 0; row < height; ++row)
          for (std::int64_t column = 0; column < width; ++column)
            body(plane + row * width + column, plane, row, column);
    });
  }
  /// Calls body(place in the plane) for the pixels of the image from `before` before to `behind` behind one.
  template <class Body>
  void each_of(std::int64_t row, std::int64_t column, std::int64_t before, std::int64_t behind,
               Body&& body) const {
    const std::int64_t height = site_.in.height, width = site_.in.width;
    for (std::int64_t y = std::max<std::int64_t>(0, row - before); y < std::min(height, row + behind + 1);
         ++y)
      for (std::int64_t x = std::max<std::int64_t>(0, column - before);
           x < std::min(width, column + behind + 1); ++x)
        body(y * width + x);
  }

  std::int64_t before_, behind_;  // pixels of the square on either side
  double k_, alpha_, beta_;
  std::vector<double> divisors_;  // d, of the last forward()
};

}  // namespace

OperationPointer make(const Lrn& layer, const Site& site) {
  if (layer.region == Lrn::Region::kWithinChannel) return std::make_unique<WithinChannel>(layer, site);
  return std::make_unique<LocalResponseNormalisation>(layer, site);
}

}  // namespace alexnet::reference
