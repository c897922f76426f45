#include "engine/cpu/convolution/unit_stride_operation.h"

#include <algorithm>

#include "engine/cpu/convolution/amx_convolution.h"
#include "engine/cpu/convolution/winograd.h"
#include "engine/cpu/kernels/amx/tiles.h"
#include "engine/cpu/kernels/simd/winograd.h"

namespace alexnet::cpu {
namespace {

int padded(int channels) { return (channels + 15) / 16 * 16; }

// Floats of the folded images that are made at a time: few enough that they are still in the outer caches
// when they are read, and take no room worth naming.
constexpr std::size_t kFoldedFloats = std::size_t{1} << 20U;

/// Images folded at a time: a divisor of the batch.
int folded_at_a_time(const SpaceToDepth& image, int batch) {
  const auto room = static_cast<int>(
      std::clamp<std::size_t>(kFoldedFloats / image.folded_size(), 1, static_cast<std::size_t>(batch)));
  int images = room;
  while (batch % images != 0) --images;
  // Where the batch has no such divisor (a prime): all of them.
  return images * 4 < room ? batch : images;
}

std::optional<SpaceToDepth> folding(const ConvGeometry& g) {
  if (g.stride == 1) return std::nullopt;
  SpaceToDepth fold;
  fold.batch = 1;
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
  fold.batch = folded_at_a_time(fold, g.input.batch);
  return fold;
}

/// Of one group, and of the images that are folded at a time.
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
    return {fold->batch,
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

bool winograd_pays(const ConvolutionPlan& plan) {
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

void add(const float* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
}

/// Small kernels with large strides become mostly zeros when they are folded.
bool folds_well(const ConvGeometry& g) {
  if (g.stride == 1) return true;
  const UnitStrideShape shape = unit_stride_shape(g);
  return shape.kernel * shape.kernel * shape.in <= 4 * g.kernel * g.kernel * g.input.extent.channels;
}

bool uses_tiles(const ConvolutionPlan& plan) {
  return plan.bf16 && multiplies_tiles() && plan.geometry.output.block == 16 && folds_well(plan.geometry);
}

std::unique_ptr<UnitStrideAlgorithm> algorithm(const ConvolutionPlan& plan, const UnitStrideShape& shape) {
  if (uses_tiles(plan)) return std::make_unique<AmxConvolution>(shape);
  return std::make_unique<WinogradConvolution>(shape);
}

}  // namespace

bool UnitStrideOperation::suits(const ConvolutionPlan& plan) {
  return fits(plan.geometry) && (uses_tiles(plan) || winograd_pays(plan));
}

UnitStrideOperation::UnitStrideOperation(std::string name, const ConvolutionPlan& plan)
    : ConvolutionOperation(std::move(name), plan),
      fold_(folding(plan.geometry)),
      forward_(algorithm(plan, unit_stride_shape(plan.geometry))),
      mirrored_(algorithm(plan, forward_->shape().mirrored())) {
  if (!plan_.training) transformed_ = Slab(groups() * forward_->transformed_size());
}

std::size_t UnitStrideOperation::group_weights_count() const {
  const UnitStrideShape& s = forward_->shape();
  return static_cast<std::size_t>(s.kernel) * static_cast<std::size_t>(s.kernel) *
         static_cast<std::size_t>(s.in) * static_cast<std::size_t>(s.out);
}

UnitStrideOperation::Group UnitStrideOperation::group(std::size_t index) const {
  const UnitStrideShape& s = forward_->shape();
  const auto out = static_cast<std::size_t>(s.out);
  return {index * static_cast<std::size_t>(s.in) * input().pixels(), index * out * output().pixels(),
          index * group_weights_count(), index * out, index * forward_->transformed_size()};
}

template <class Body>
void UnitStrideOperation::each_part(Body&& body) const {
  const auto parts = static_cast<std::size_t>(input().batch / forward_->shape().batch);
  for (std::size_t i = 0; i < parts; ++i)
    body(Part{i, i * input().count() / parts, i * output().count() / parts});
}

MemoryNeeds UnitStrideOperation::needs() const {
  MemoryNeeds needs = ConvolutionOperation::needs();
  const std::size_t folded = folded_size();
  needs.forward_scratch =
      folded + forward_->workspace_size() + (plan_.training ? forward_->transformed_size() : 0);
  if (!plan_.training) return needs;
  if (plan_.parameter_gradients)
    needs.backward_scratch = folded + forward_->gradient_workspace_size() + part_gradient_size();
  if (plan_.input_gradient)
    needs.backward_scratch =
        std::max(needs.backward_scratch, folded + mirrored_->transformed_size() +
                                             mirrored_->workspace_size() + group_weights_count());
  return needs;
}

std::size_t UnitStrideOperation::part_gradient_size() const {
  return fold_ ? weights_count() + static_cast<std::size_t>(forward_->shape().out) : 0;
}

/// Calls visit(own index, canonical index) for every weight of an unfolded convolution.
template <class Visit>
void UnitStrideOperation::each_weight(Visit&& visit) const {
  const UnitStrideShape& s = forward_->shape();
  const std::int64_t groups = plan_.geometry.groups, taps = s.kernel * s.kernel,
                     in = input().extent.channels / groups, out = output().extent.channels / groups;
  for (std::int64_t g = 0; g < groups; ++g)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t i = 0; i < in; ++i)
        for (std::int64_t o = 0; o < out; ++o)
          visit(((g * taps + tap) * s.in + i) * s.out + o, ((g * out + o) * in + i) * taps + tap);
}

void UnitStrideOperation::weights_to_canonical(const float* own, float* canonical) const {
  if (fold_)
    unfold_weights(*fold_, own, canonical);
  else
    each_weight([&](std::int64_t from, std::int64_t to) { canonical[to] = own[from]; });
}

void UnitStrideOperation::weights_from_canonical(const float* canonical, float* own) const {
  if (fold_) {
    fold_weights(*fold_, canonical, own);
  } else {
    std::fill_n(own, weights_count(), 0.0F);
    each_weight([&](std::int64_t to, std::int64_t from) { own[to] = canonical[from]; });
  }
}

// Training plans round anew in every step.
Precision UnitStrideOperation::kernel_precision() const {
  return uses_tiles(plan_) && !plan_.training ? Precision::kBf16 : Precision::kFloat32;
}

void UnitStrideOperation::parameters_changed() {
  if (plan_.training) return;
  each_group([&](const Group& g) {
    forward_->transform_weights(weights_ + g.weights, transformed_.data() + g.transformed);
  });
}

const float* UnitStrideOperation::part_input(const Part& part, float* folded) const {
  if (!fold_) return memory_.input + part.input;
  fold_image(*fold_, memory_.input + part.input, folded);
  return folded;
}

void UnitStrideOperation::forward(const PassOptions& /*options*/) {
  float* folded = memory_.forward_scratch;
  float* workspace = folded + folded_size();
  each_group([&](const Group& g) {
    const float* transformed = transformed_.data() + g.transformed;
    if (plan_.training) {
      float* made = workspace + forward_->workspace_size();
      forward_->transform_weights(weights_ + g.weights, made);
      transformed = made;
    }
    each_part([&](const Part& part) {
      forward_->forward(part_input(part, folded) + g.input, nullptr, transformed, bias_ + g.bias, plan_.relu,
                        memory_.output + g.output + part.output, workspace);
    });
  });
}

void UnitStrideOperation::backward_weights() {
  float* folded = memory_.backward_scratch;
  float* weights = folded + folded_size();
  float* bias = weights + (fold_ ? weights_count() : 0);
  float* workspace = weights + part_gradient_size();
  each_group([&](const Group& g) {
    each_part([&](const Part& part) {
      const bool first = part.index == 0;
      forward_->backward_weights(
          part_input(part, folded) + g.input, memory_.output_gradient + g.output + part.output, gate(g, part),
          first ? weights_gradient_ + g.weights : weights, first ? bias_gradient_ + g.bias : bias, workspace);
      if (first) return;
      add(weights, group_weights_count(), weights_gradient_ + g.weights);
      add(bias, static_cast<std::size_t>(forward_->shape().out), bias_gradient_ + g.bias);
    });
  });
  if (fold_) clear_beyond_kernel(*fold_, weights_gradient_);
}

void UnitStrideOperation::backward_data() {
  float* folded = memory_.backward_scratch;
  float* transformed = folded + folded_size();
  float* workspace = transformed + mirrored_->transformed_size();
  float* rotated = workspace + mirrored_->workspace_size();
  each_group([&](const Group& g) {
    rotate_weights(forward_->shape(), weights_ + g.weights, rotated);
    mirrored_->transform_weights(rotated, transformed);
    each_part([&](const Part& part) {
      float* gradient = memory_.input_gradient + part.input;
      mirrored_->forward(memory_.output_gradient + g.output + part.output, gate(g, part), transformed,
                         nullptr, false, fold_ ? folded : gradient + g.input, workspace);
      if (fold_) unfold_image(*fold_, folded, gradient);
    });
  });
}

}  // namespace alexnet::cpu
