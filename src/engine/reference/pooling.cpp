#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "engine/reference/operation.h"
#include "model/geometry.h"

namespace alexnet::reference {
namespace {

/// The pixels of one window that lie inside the image; none when it lies in the padding altogether.
struct Inside {
  std::int64_t top, bottom, left, right;  // rows [top, bottom), columns [left, right)
  std::int64_t padded_size;               // of the window inside the padded image
  bool empty() const { return top >= bottom || left >= right; }
  std::int64_t size() const { return (bottom - top) * (right - left); }
};

/// What both kinds of pooling share: a walk over planes and windows.
class Pooling : public Operation {
 public:
  Pooling(const Pool& layer, const Site& site)
      : Operation(site), kernel_(layer.kernel), stride_(layer.stride), windows_(windows(site.in, layer)) {}

 protected:
  /// Calls body(i, plane, inside) for every output value i, with the first pixel of its input plane.
  template <class Body>
  void each_window(Body&& body) const {
    const Extent &in = site_.in, &out = site_.out;
    parallel_for(site_.batch * in.channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane)
        for (std::int64_t oy = 0; oy < out.height; ++oy)
          for (std::int64_t ox = 0; ox < out.width; ++ox)
            body((plane * out.height + oy) * out.width + ox, plane * in.height * in.width, inside(oy, ox));
    });
  }

 private:
  Inside inside(std::int64_t oy, std::int64_t ox) const {
    const Extent& in = site_.in;
    const std::int64_t y = oy * stride_.height - windows_.rows.pad_before, bottom = y + kernel_.height;
    const std::int64_t x = ox * stride_.width - windows_.columns.pad_before, right = x + kernel_.width;
    return {std::max<std::int64_t>(y, 0), std::min<std::int64_t>(bottom, in.height),
            std::max<std::int64_t>(x, 0), std::min<std::int64_t>(right, in.width),
            (std::min<std::int64_t>(bottom, in.height + windows_.rows.border_after) - y) *
                (std::min<std::int64_t>(right, in.width + windows_.columns.border_after) - x)};
  }

  Size2 kernel_, stride_;
  Windows windows_;
};

// Of equal maxima the first in row-major order counts, and alone gets the gradient (as in TensorFlow and
// PyTorch). Padding never counts. NaN is larger than any number, so that it is seen in the end.
class MaxPooling final : public Pooling {
 public:
  MaxPooling(const Pool& layer, const Site& site)
      : Pooling(layer, site), winners_(static_cast<std::size_t>(output_size())) {}

  void forward(const PassOptions&, const float* x, float* y) override {
    each_window([&](std::int64_t i, std::int64_t plane, const Inside& inside) {
      winners_[i] = inside.empty() ? kNone : winner(x, plane, inside);
      y[i] = inside.empty() ? 0.0F : x[winners_[i]];
    });
  }

  void backward(const float* /*x*/, const float* /*y*/, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    std::fill_n(dx, input_size(), 0.0F);
    each_window([&](std::int64_t i, std::int64_t, const Inside&) {
      if (winners_[i] != kNone) dx[winners_[i]] += dy[i];
    });
  }

  std::size_t work_bytes() const override { return winners_.size() * sizeof(winners_[0]); }

 private:
  static constexpr std::int64_t kNone = -1;

  std::int64_t winner(const float* x, std::int64_t plane, const Inside& inside) const {
    std::int64_t best = plane + inside.top * site_.in.width + inside.left;
    for (std::int64_t row = inside.top; row < inside.bottom; ++row)
      for (std::int64_t column = inside.left; column < inside.right; ++column) {
        const std::int64_t at = plane + row * site_.in.width + column;
        if (x[at] > x[best] || (std::isnan(x[at]) && !std::isnan(x[best]))) best = at;
      }
    return best;
  }

  std::vector<std::int64_t> winners_;  // for each output, where in x its value came from
};

class AveragePooling final : public Pooling {
 public:
  AveragePooling(const Pool& layer, const Site& site)
      : Pooling(layer, site), counts_padding_(layer.counts_padding) {}

  void forward(const PassOptions&, const float* x, float* y) override {
    each_window([&](std::int64_t i, std::int64_t plane, const Inside& inside) {
      double sum = 0;
      each_pixel(plane, inside, [&](std::int64_t at) { sum += x[at]; });
      y[i] = inside.empty() ? 0.0F : static_cast<float>(sum / count(inside));
    });
  }

  void backward(const float* /*x*/, const float* /*y*/, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    std::fill_n(dx, input_size(), 0.0F);
    each_window([&](std::int64_t i, std::int64_t plane, const Inside& inside) {
      const auto part = static_cast<float>(dy[i] / count(inside));
      each_pixel(plane, inside, [&](std::int64_t at) { dx[at] += part; });
    });
  }

 private:
  double count(const Inside& inside) const {
    return static_cast<double>(counts_padding_ ? inside.padded_size : inside.size());
  }

  /// Calls body(place in x) for every pixel of the window.
  template <class Body>
  void each_pixel(std::int64_t plane, const Inside& inside, Body&& body) const {
    for (std::int64_t row = inside.top; row < inside.bottom; ++row)
      for (std::int64_t column = inside.left; column < inside.right; ++column)
        body(plane + row * site_.in.width + column);
  }

  bool counts_padding_;
};

}  // namespace

OperationPointer make(const Pool& layer, const Site& site) {
  if (layer.kind == Pool::Kind::kMax) return std::make_unique<MaxPooling>(layer, site);
  return std::make_unique<AveragePooling>(layer, site);
}

}  // namespace alexnet::reference
