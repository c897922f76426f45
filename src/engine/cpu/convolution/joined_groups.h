// Convolutions in groups whose channels fill no blocks.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/cpu/convolution/convolution_operation.h"

namespace alexnet::cpu {

/// A convolution in groups, computed by `Whole` as one of all channels. Weights between groups are zero and
/// stay so. That is more to multiply, by as many times as there are groups, with kernels that are hundreds of
/// times as fast as plain loops.
template <class Whole>
class JoinedGroups final : public Whole {
 public:
  JoinedGroups(std::string name, const ConvolutionPlan& plan)
      : Whole(std::move(name), plan), groups_(static_cast<std::size_t>(plan.joined_groups)) {
    if (!plan.parameter_gradients) return;
    const std::vector<float> ones(canonical_count() / groups_, 1.0F);
    std::vector<float> own(Whole::weights_count());
    JoinedGroups::weights_from_canonical(ones.data(), own.data());
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i] != 0) continue;
      if (i == 0 || own[i - 1] != 0) between_.push_back({i, 0});
      ++between_.back().count;
    }
  }

 protected:
  void weights_to_canonical(const float* own, float* canonical) const override {
    std::vector<float> whole(canonical_count());
    Whole::weights_to_canonical(own, whole.data());
    each_filter([&](std::size_t in_whole, std::size_t in_group, std::size_t count) {
      std::copy_n(whole.data() + in_whole, count, canonical + in_group);
    });
  }
  void weights_from_canonical(const float* canonical, float* own) const override {
    std::vector<float> whole(canonical_count());
    each_filter([&](std::size_t in_whole, std::size_t in_group, std::size_t count) {
      std::copy_n(canonical + in_group, count, whole.data() + in_whole);
    });
    Whole::weights_from_canonical(whole.data(), own);
  }
  void backward_weights() override {
    Whole::backward_weights();
    for (const Run& run : between_) std::fill_n(this->weights_gradient_ + run.begin, run.count, 0.0F);
  }

 private:
  struct Run {
    std::size_t begin, count;
  };

  /// Calls visit(where it begins in [out][in][k][k], where in [out][in / groups][k][k], weights) for each
  /// filter's weights for channels of its own group.
  template <class Visit>
  void each_filter(Visit&& visit) const {
    const auto filters = static_cast<std::size_t>(this->output().extent.channels);
    const std::size_t filter = canonical_count() / filters, part = filter / groups_;
    for (std::size_t o = 0; o < filters; ++o)
      visit(o * filter + o / (filters / groups_) * part, o * part, part);
  }
  /// Weights of the whole convolution.
  std::size_t canonical_count() const {
    return static_cast<std::size_t>(this->output().extent.channels) *
           static_cast<std::size_t>(this->input().extent.channels) *
           static_cast<std::size_t>(this->plan_.geometry.kernel.area());
  }

  std::size_t groups_;
  std::vector<Run> between_;  // weights between groups, and padding, in own order; empty unless they learn
};

}  // namespace alexnet::cpu
