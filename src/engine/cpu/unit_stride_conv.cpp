#include "engine/cpu/unit_stride_conv.h"

#include <algorithm>

#include "engine/cpu/amx_convolution.h"
#include "engine/cpu/amx_kernels.h"
#include "engine/cpu/winograd.h"
#include "engine/cpu/winograd_kernels.h"

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

/// Of one group.
UnitStrideShape unit_stride_shape(const ConvGeometry& g) {
  if (g.groups > 1) {
    const int in = g.input.extent.channels, out = g.output.extent.channels;
    return {g.input.batch,
            in / g.groups,
            out / g.groups,
            g.input.extent.height,
            g.input.extent.width,
            g.kernel,
            g.pad_top,
            in,
            out,
            g.input.block,
            g.output.block};
  }
  const int out = padded(g.output.extent.channels);
  if (const auto fold = folding(g))
    return {g.input.batch,
            fold->folded_channels(),
            out,
            fold->folded_height(),
            fold->folded_width(),
            fold->folded_kernel(),
            0,
            0,
            0,
            16,
            g.output.block};
  return {g.input.batch,
          padded(g.input.extent.channels),
          out,
          g.input.extent.height,
          g.input.extent.width,
          g.kernel,
          g.pad_top,
          0,
          0,
          g.input.block,
          g.output.block};
}

// Multiply-adds that are computed while one byte of transformed weights is read.
constexpr double kFlopsPerByte = 12;
// Share of its peak that the blocked matrix product reaches, transforms included, beside direct
// convolution's.
constexpr double kEfficiency = 0.75;

/// Whether a shape can be had for it at all.
bool fits(const ConvGeometry& g) {
  // A group's channels must be whole blocks.
  if (g.groups > 1 && (g.stride > 1 || g.input.extent.channels / g.groups % 16 != 0 ||
                       g.output.extent.channels / g.groups % 16 != 0))
    return false;
  // Strided ones fold a plain image; the others pad all sides alike.
  if (g.stride > 1 && g.input.block != 1) return false;
  if (g.stride == 1 && (g.pad_top != g.pad_left || g.pad_top != g.pad_bottom || g.pad_top != g.pad_right ||
                        g.pad_top >= g.kernel || g.input.extent.channels < 8))
    return false;
  // oneDNN's blocks are what it takes the processor for, vectors what Highway does: the two can be told to
  // differ.
  if (g.output.block < winograd_lanes() || (g.stride == 1 && g.input.block < winograd_lanes())) return false;
  // Blocks of 8 may pad to fewer channels than ours.
  const auto whole = [](const Layout& layout) { return layout.blocks() * layout.block % 16 == 0; };
  return whole(g.output) && (g.stride > 1 || whole(g.input));
}

bool winograd_pays(const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  const UnitStrideShape shape = unit_stride_shape(g);
  if (shape.kernel != 3 && shape.kernel != 5) return false;
  // Without AVX-512, oneDNN has nothing but plain loops for some first layers.
  if (!convolves_fast(g)) return true;
  if (plan.algorithm == Convolution::kDirect) return false;
  const WinogradConvolution winograd(shape);
  const double pixels = static_cast<double>(g.input.batch) * static_cast<double>(g.output.pixels());
  const double direct = 2.0 * pixels * g.kernel * g.kernel * g.input.extent.channels *
                        g.output.extent.channels / (g.groups * g.groups) / (plan.bf16 ? 2 : 1);
  const double multiplied =
      2.0 * pixels * shape.kernel * shape.kernel * shape.in * shape.out * winograd.multiplication_share();
  // Transformed weights are read once; in training they are made for each step as well, and their gradients
  // gathered.
  const double bytes =
      static_cast<double>(winograd.transformed_size()) * sizeof(float) * (plan.training ? 3 : 1);
  return multiplied / kEfficiency + bytes * kFlopsPerByte < direct;
}

bool uses_tiles(const ConvPlan& plan) {
  return plan.bf16 && multiplies_tiles() && plan.geometry.output.block == 16;
}

std::unique_ptr<UnitStrideConvolution> algorithm(const ConvPlan& plan, const UnitStrideShape& shape) {
  if (uses_tiles(plan)) return std::make_unique<AmxConvolution>(shape);
  return std::make_unique<WinogradConvolution>(shape);
}

}  // namespace

bool UnitStrideConv::suits(const ConvPlan& plan) {
  return fits(plan.geometry) && (uses_tiles(plan) || winograd_pays(plan));
}

UnitStrideConv::UnitStrideConv(std::string name, const ConvPlan& plan)
    : ConvOperation(std::move(name), plan),
      fold_(folding(plan.geometry)),
      forward_(algorithm(plan, unit_stride_shape(plan.geometry))),
      mirrored_(algorithm(plan, forward_->shape().mirrored())) {
  if (!plan_.training) transformed_ = Slab(groups() * forward_->transformed_size());
}

std::size_t UnitStrideConv::group_weights_count() const {
  const UnitStrideShape& s = forward_->shape();
  return static_cast<std::size_t>(s.kernel) * static_cast<std::size_t>(s.kernel) *
         static_cast<std::size_t>(s.in) * static_cast<std::size_t>(s.out);
}

UnitStrideConv::Group UnitStrideConv::group(std::size_t index) const {
  const UnitStrideShape& s = forward_->shape();
  const auto out = static_cast<std::size_t>(s.out);
  return {index * static_cast<std::size_t>(s.in) * input().pixels(), index * out * output().pixels(),
          index * group_weights_count(), index * out, index * forward_->transformed_size()};
}

MemoryNeeds UnitStrideConv::needs() const {
  MemoryNeeds needs = ConvOperation::needs();
  const std::size_t folded = fold_ ? fold_->folded_size() : 0;
  needs.forward_scratch =
      forward_->workspace_size() + (plan_.training ? forward_->transformed_size() : folded);
  if (!plan_.training) return needs;
  needs.keeps_input = plan_.parameter_gradients && !fold_;
  needs.saved = folded;
  if (plan_.parameter_gradients) needs.backward_scratch = forward_->gradient_workspace_size();
  if (plan_.input_gradient)
    needs.backward_scratch =
        std::max(needs.backward_scratch, mirrored_->transformed_size() + mirrored_->workspace_size() +
                                             group_weights_count() + folded);
  return needs;
}

/// Calls visit(own index, canonical index) for every weight of an unfolded convolution.
template <class Visit>
void UnitStrideConv::each_weight(Visit&& visit) const {
  const UnitStrideShape& s = forward_->shape();
  const std::int64_t groups = plan_.geometry.groups, taps = s.kernel * s.kernel,
                     in = input().extent.channels / groups, out = output().extent.channels / groups;
  for (std::int64_t g = 0; g < groups; ++g)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t i = 0; i < in; ++i)
        for (std::int64_t o = 0; o < out; ++o)
          visit(((g * taps + tap) * s.in + i) * s.out + o, ((g * out + o) * in + i) * taps + tap);
}

void UnitStrideConv::weights_to_canonical(const float* own, float* canonical) const {
  if (fold_)
    unfold_weights(*fold_, own, canonical);
  else
    each_weight([&](std::int64_t from, std::int64_t to) { canonical[to] = own[from]; });
}

void UnitStrideConv::weights_from_canonical(const float* canonical, float* own) const {
  if (fold_) {
    fold_weights(*fold_, canonical, own);
  } else {
    std::fill_n(own, weights_count(), 0.0F);
    each_weight([&](std::int64_t to, std::int64_t from) { own[to] = canonical[from]; });
  }
}

void UnitStrideConv::parameters_changed() {
  if (plan_.training) return;
  each_group([&](const Group& g) {
    forward_->transform_weights(weights_ + g.weights, transformed_.data() + g.transformed);
  });
}

void UnitStrideConv::forward(const PassOptions& /*options*/) {
  float* workspace = memory_.forward_scratch;
  const float* x = memory_.input;
  if (fold_) {
    float* folded = plan_.training ? memory_.saved : workspace + forward_->workspace_size();
    fold_image(*fold_, x, folded);
    x = folded;
  }
  each_group([&](const Group& g) {
    const float* transformed = transformed_.data() + g.transformed;
    if (plan_.training) {
      float* made = workspace + forward_->workspace_size();
      forward_->transform_weights(weights_ + g.weights, made);
      transformed = made;
    }
    forward_->forward(x + g.input, nullptr, transformed, bias_ + g.bias, plan_.relu,
                      memory_.output + g.output, workspace);
  });
}

void UnitStrideConv::backward_weights() {
  each_group([&](const Group& g) {
    forward_->backward_weights((fold_ ? memory_.saved : memory_.input) + g.input,
                               memory_.output_gradient + g.output, gate(g), weights_gradient_ + g.weights,
                               bias_gradient_ + g.bias, memory_.backward_scratch);
  });
  if (fold_) clear_beyond_kernel(*fold_, weights_gradient_);
}

void UnitStrideConv::backward_data() {
  float* transformed = memory_.backward_scratch;
  float* workspace = transformed + mirrored_->transformed_size();
  float* rotated = workspace + mirrored_->workspace_size();
  float* x_gradient = fold_ ? rotated + group_weights_count() : memory_.input_gradient;
  each_group([&](const Group& g) {
    rotate_weights(forward_->shape(), weights_ + g.weights, rotated);
    mirrored_->transform_weights(rotated, transformed);
    mirrored_->forward(memory_.output_gradient + g.output, gate(g), transformed, nullptr, false,
                       x_gradient + g.input, workspace);
  });
  if (fold_) unfold_image(*fold_, x_gradient, memory_.input_gradient);
}

}  // namespace alexnet::cpu
