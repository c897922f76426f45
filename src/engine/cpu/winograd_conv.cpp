#include "engine/cpu/winograd_conv.h"

#include <algorithm>

namespace alexnet::cpu {
namespace {

int padded(int channels) { return (channels + 15) / 16 * 16; }

std::optional<SpaceToDepth> folding(const ConvGeometry& g) {
  if (g.stride == 1) return std::nullopt;
  SpaceToDepth fold;
  fold.batch = g.input.batch;
  fold.channels = g.input.extent.channels;
  fold.height = g.input.extent.height;
  fold.width = g.input.extent.width;
  fold.filters = g.output.extent.channels;
  fold.kernel = g.kernel;
  fold.stride = g.stride;
  fold.pad_top = g.pad_top;
  fold.pad_left = g.pad_left;
  fold.out_height = g.output.extent.height;
  fold.out_width = g.output.extent.width;
  return fold;
}

WinogradShape winograd_shape(const ConvGeometry& g) {
  const int out = padded(g.output.extent.channels);
  if (const auto fold = folding(g))
    return {g.input.batch,        fold->folded_channels(), out, fold->folded_height(),
            fold->folded_width(), fold->folded_kernel(),   0};
  return {g.input.batch,
          padded(g.input.extent.channels),
          out,
          g.input.extent.height,
          g.input.extent.width,
          g.kernel,
          g.pad_top};
}

// Multiply-adds that are computed while one byte of transformed weights is read.
constexpr double kFlopsPerByte = 12;
// Share of its peak that the blocked matrix product reaches, transforms included, beside direct
// convolution's.
constexpr double kEfficiency = 0.75;

}  // namespace

bool WinogradConv::suits(const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  const int folded = (g.kernel + g.stride - 1) / g.stride;
  if (plan.algorithm == Convolution::kDirect || g.groups != 1 || g.output.block != 16) return false;
  if (folded != 3 && folded != 5) return false;
  // Strided ones fold a plain image; the others pad all sides alike.
  if (g.stride > 1 && g.input.block != 1) return false;
  if (g.stride == 1 && (g.pad_top != g.pad_left || g.pad_top != g.pad_bottom || g.pad_top != g.pad_right ||
                        g.pad_top >= g.kernel || g.input.extent.channels < 8))
    return false;
  const WinogradShape shape = winograd_shape(g);
  const WinogradConvolution winograd(shape);
  const double pixels = static_cast<double>(g.input.batch) * static_cast<double>(g.output.pixels());
  const double direct = 2.0 * pixels * g.kernel * g.kernel * g.input.extent.channels *
                        g.output.extent.channels / (plan.bf16 ? 2 : 1);
  const double multiplied =
      2.0 * pixels * shape.kernel * shape.kernel * shape.in * shape.out * winograd.multiplication_share();
  // Transformed weights are read once; in training they are made for each step as well, and their gradients
  // gathered.
  const double bytes =
      static_cast<double>(winograd.transformed_size()) * sizeof(float) * (plan.training ? 3 : 1);
  return multiplied / kEfficiency + bytes * kFlopsPerByte < direct;
}

WinogradConv::WinogradConv(std::string name, const ConvPlan& plan)
    : ConvOperation(std::move(name), plan),
      fold_(folding(plan.geometry)),
      forward_(winograd_shape(plan.geometry)),
      mirrored_(forward_.shape().mirrored()) {
  if (!plan_.training) transformed_ = Slab(forward_.transformed_size());
}

std::size_t WinogradConv::weights_count() const {
  const WinogradShape& s = forward_.shape();
  return static_cast<std::size_t>(s.kernel) * static_cast<std::size_t>(s.kernel) *
         static_cast<std::size_t>(s.in) * static_cast<std::size_t>(s.out);
}

std::size_t WinogradConv::backward_workspace() const {
  return std::max(forward_.workspace_size(), mirrored_.workspace_size());
}

MemoryNeeds WinogradConv::needs() const {
  MemoryNeeds needs = ConvOperation::needs();
  const std::size_t folded = fold_ ? fold_->folded_size() : 0;
  needs.forward_scratch = forward_.workspace_size() + (plan_.training ? forward_.transformed_size() : folded);
  if (!plan_.training) return needs;
  needs.keeps_input = !fold_;
  needs.saved = folded;
  needs.backward_scratch = forward_.transformed_size() + backward_workspace();
  if (plan_.input_gradient) needs.backward_scratch += weights_count() + folded;
  return needs;
}

/// Calls visit(own index, canonical index) for every weight of an unfolded convolution.
template <class Visit>
void WinogradConv::each_weight(Visit&& visit) const {
  const WinogradShape& s = forward_.shape();
  const std::int64_t taps = s.kernel * s.kernel, in = input().extent.channels, out = output().extent.channels;
  for (std::int64_t tap = 0; tap < taps; ++tap)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o) visit((tap * s.in + i) * s.out + o, (o * in + i) * taps + tap);
}

void WinogradConv::weights_to_canonical(const float* own, float* canonical) const {
  if (fold_)
    unfold_weights(*fold_, own, canonical);
  else
    each_weight([&](std::int64_t from, std::int64_t to) { canonical[to] = own[from]; });
}

void WinogradConv::weights_from_canonical(const float* canonical, float* own) const {
  if (fold_) {
    fold_weights(*fold_, canonical, own);
  } else {
    std::fill_n(own, weights_count(), 0.0F);
    each_weight([&](std::int64_t to, std::int64_t from) { own[to] = canonical[from]; });
  }
}

void WinogradConv::parameters_changed() {
  if (!plan_.training) forward_.transform_weights(weights_, transformed_.data());
}

void WinogradConv::forward(const PassOptions& /*options*/) {
  float* scratch = memory_.forward_scratch;
  const float* transformed = transformed_.data();
  if (plan_.training) {
    forward_.transform_weights(weights_, scratch);
    transformed = scratch;
    scratch += forward_.transformed_size();
  }
  const float* x = memory_.input;
  if (fold_) {
    float* folded = plan_.training ? memory_.saved : scratch + forward_.workspace_size();
    fold_image(*fold_, x, folded);
    x = folded;
  }
  forward_.forward(x, nullptr, transformed, bias_, plan_.relu, memory_.output, scratch);
}

void WinogradConv::backward_weights() {
  float* transformed = memory_.backward_scratch;
  forward_.backward_weights(fold_ ? memory_.saved : memory_.input, memory_.output_gradient, gate(),
                            weights_gradient_, bias_gradient_, transformed,
                            transformed + forward_.transformed_size());
  if (fold_) clear_beyond_kernel(*fold_, weights_gradient_);
}

void WinogradConv::backward_data() {
  float* transformed = memory_.backward_scratch;
  float* workspace = transformed + forward_.transformed_size();
  float* rotated = workspace + backward_workspace();
  float* x_gradient = fold_ ? rotated + weights_count() : memory_.input_gradient;
  rotate_weights(forward_.shape(), weights_, rotated);
  mirrored_.transform_weights(rotated, transformed);
  mirrored_.forward(memory_.output_gradient, gate(), transformed, nullptr, false, x_gradient, workspace);
  if (fold_) unfold_image(*fold_, x_gradient, memory_.input_gradient);
}

}  // namespace alexnet::cpu
