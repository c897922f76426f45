#include <algorithm>
#include <array>

#include "base/parallel.h"
#include "engine/reference/operation.h"

namespace alexnet::reference {

double dot(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride, std::int64_t count) {
  double sums[4] = {};
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (std::int64_t j = 0; j < 4; ++j)
      sums[j] += double{a[(i + j) * a_stride]} * double{b[(i + j) * b_stride]};
  for (; i < count; ++i) sums[0] += double{a[i * a_stride]} * double{b[i * b_stride]};
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

namespace {

class FullyConnected final : public Operation {
 public:
  explicit FullyConnected(const Site& site)
      : Operation(site), inputs_(site.in.channels), units_(site.out.channels) {}

  // y[n, o] = bias[o] + sum w[o, i] x[n, i]
  void forward(const PassOptions&, const float* x, float* y) override {
    parallel_for(units_, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o)
        for (std::int64_t n = 0; n < site_.batch; ++n)
          y[n * units_ + o] =
              static_cast<float>(site_.bias.values[o] + dot(site_.weight.values.data() + o * inputs_, 1,
                                                            x + n * inputs_, 1, inputs_));
    });
  }

  void backward(const float* x, const float* /*y*/, const float* dy, float* dx) override {
    if (!site_.weight.gradient.empty())
      parallel_for(units_, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t o = begin; o < end; ++o) weight_gradient(o, x, dy);
      });
    if (dx == nullptr) return;
    // dx[n, i] = sum over units of dy[n, o] w[o, i]
    parallel_for(site_.batch, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n)
        weighted_sum(units_, dy + n * units_, 1, site_.weight.values.data(), dx + n * inputs_);
    });
  }

 private:
  // dw[o, i] = sum over images of dy[n, o] x[n, i]; db[o] = sum of dy[n, o]
  void weight_gradient(std::int64_t o, const float* x, const float* dy) {
    double bias = 0;
    for (std::int64_t n = 0; n < site_.batch; ++n) bias += dy[n * units_ + o];
    site_.bias.gradient[o] = static_cast<float>(bias);
    weighted_sum(site_.batch, dy + o, units_, x, site_.weight.gradient.data() + o * inputs_);
  }

  // result[i] = sum over rows k of factors[k * stride] * rows[k, i], a few columns at a time.
  void weighted_sum(std::int64_t count, const float* factors, std::int64_t stride, const float* rows,
                    float* result) const {
    constexpr std::int64_t kColumns = 256;
    std::array<double, kColumns> sums;
    for (std::int64_t first = 0; first < inputs_; first += kColumns) {
      const std::int64_t columns = std::min(kColumns, inputs_ - first);
      sums.fill(0.0);
      for (std::int64_t k = 0; k < count; ++k) {
        const double factor = factors[k * stride];
        const float* row = rows + k * inputs_ + first;
        for (std::int64_t i = 0; i < columns; ++i) sums[i] += factor * row[i];
      }
      for (std::int64_t i = 0; i < columns; ++i) result[first + i] = static_cast<float>(sums[i]);
    }
  }

  std::int64_t inputs_, units_;
};

}  // namespace

OperationPointer make(const Dense&, const Site& site) { return std::make_unique<FullyConnected>(site); }

}  // namespace alexnet::reference
