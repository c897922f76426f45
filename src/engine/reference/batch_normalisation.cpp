#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "engine/reference/operation.h"

namespace alexnet::reference {
namespace {

// Ioffe & Szegedy 2015, with Keras's moving statistics: the biased variance of the batch both normalises and
// moves them.
class BatchNormalisation final : public Operation {
 public:
  BatchNormalisation(const BatchNorm& layer, const Site& site)
      : Operation(site),
        layer_(layer),
        pixels_(std::int64_t{site.in.height} * site.in.width),
        channels_(static_cast<std::size_t>(site.in.channels)) {}

  void forward(const PassOptions& options, const float* x, float* y) override {
    parallel_for(site_.in.channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t c = begin; c < end; ++c) forward_channel(c, options.pass, x, y);
    });
    if (options.pass == Pass::kStatistics) ++summed_batches_;
    of_batch_ = options.pass != Pass::kInference;
  }

  void backward(const float* x, const float* /*y*/, const float* dy, float* dx) override {
    parallel_for(site_.in.channels, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t c = begin; c < end; ++c) backward_channel(c, x, dy, dx);
    });
  }

  void begin_statistics() override {
    summed_batches_ = 0;
    for (Channel& channel : channels_) channel.means = channel.squared_means = channel.variances = 0;
  }

  void finish_statistics() override {
    if (summed_batches_ == 0) return;
    const auto batches = static_cast<double>(summed_batches_);
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const Channel& sums = channels_[c];
      const double mean = sums.means / batches;
      const double between = std::max(0.0, sums.squared_means / batches - mean * mean);
      site_.moving_mean.values[c] = static_cast<float>(mean);
      site_.moving_variance.values[c] = static_cast<float>(sums.variances / batches + between);
    }
  }

  std::size_t work_bytes() const override { return channels_.size() * sizeof(Channel); }

 private:
  struct Channel {
    double mean = 0, scale = 0;  // what the last forward() normalised with: (x - mean) * scale
    double means = 0, squared_means = 0, variances = 0;  // sums over kStatistics passes
  };

  void forward_channel(std::int64_t c, Pass pass, const float* x, float* y) {
    Channel& channel = channels_[c];
    double mean = site_.moving_mean.values[c], variance = site_.moving_variance.values[c];
    if (pass != Pass::kInference) {
      const double count = static_cast<double>(site_.batch * pixels_);
      double sum = 0, squares = 0;
      each(c, [&](std::int64_t i) { sum += x[i]; });
      mean = sum / count;
      each(c, [&](std::int64_t i) { squares += (x[i] - mean) * (x[i] - mean); });
      variance = squares / count;
    }
    if (pass == Pass::kTraining) {
      move(site_.moving_mean.values[c], mean);
      move(site_.moving_variance.values[c], variance);
    } else if (pass == Pass::kStatistics) {
      channel.means += mean;
      channel.squared_means += mean * mean;
      channel.variances += variance;
    }
    channel.mean = mean;
    channel.scale = 1.0 / std::sqrt(variance + layer_.epsilon);
    const double scale = site_.weight.values[c], shift = site_.bias.values[c];
    each(c, [&](std::int64_t i) {
      y[i] = static_cast<float>(scale * (x[i] - channel.mean) * channel.scale + shift);
    });
  }

  void backward_channel(std::int64_t c, const float* x, const float* dy, float* dx) {
    const Channel& channel = channels_[c];
    const auto normalised = [&](std::int64_t i) { return (x[i] - channel.mean) * channel.scale; };
    double shift_gradient = 0, scale_gradient = 0;
    each(c, [&](std::int64_t i) {
      shift_gradient += dy[i];
      scale_gradient += dy[i] * normalised(i);
    });
    if (!site_.weight.gradient.empty()) {
      site_.bias.gradient[c] = static_cast<float>(shift_gradient);
      site_.weight.gradient[c] = static_cast<float>(scale_gradient);
    }
    if (dx == nullptr) return;
    const double count = static_cast<double>(site_.batch * pixels_);
    const double factor = site_.weight.values[c] * channel.scale;
    if (!of_batch_) {  // mean and variance are constants
      each(c, [&](std::int64_t i) { dx[i] = static_cast<float>(factor * dy[i]); });
      return;
    }
    each(c, [&](std::int64_t i) {
      dx[i] = static_cast<float>(factor *
                                 (dy[i] - shift_gradient / count - normalised(i) * scale_gradient / count));
    });
  }

  void move(float& moving, double batch) const {
    const double momentum = layer_.momentum;
    moving = static_cast<float>(momentum * moving + (1.0 - momentum) * batch);
  }

  /// Calls body(i) for the place i of every value of channel c.
  template <class Body>
  void each(std::int64_t c, Body&& body) const {
    for (std::int64_t n = 0; n < site_.batch; ++n) {
      const std::int64_t first = (n * site_.in.channels + c) * pixels_;
      for (std::int64_t i = first; i < first + pixels_; ++i) body(i);
    }
  }

  BatchNorm layer_;
  std::int64_t pixels_;
  std::vector<Channel> channels_;
  std::int64_t summed_batches_ = 0;
  bool of_batch_ = false;  // the last forward() normalised with the batch's own statistics
};

}  // namespace

OperationPointer make(const BatchNorm& layer, const Site& site) {
  return std::make_unique<BatchNormalisation>(layer, site);
}

}  // namespace alexnet::reference
