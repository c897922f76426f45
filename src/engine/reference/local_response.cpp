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

}  // namespace

OperationPointer make(const Lrn& layer, const Site& site) {
  return std::make_unique<LocalResponseNormalisation>(layer, site);
}

}  // namespace alexnet::reference
