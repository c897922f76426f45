#include "engine/cpu/plan/convolution_choice.h"

#include <optional>

#include "engine/cpu/convolution/unit_stride_geometry.h"
#include "engine/cpu/convolution/winograd.h"

namespace alexnet::cpu {
namespace {

// Multiply-adds that are computed while one byte of transformed weights is read.
constexpr double kFlopsPerByte = 12;
// Fraction of its peak that the blocked matrix product reaches, transforms included, beside direct
// convolution's.
constexpr double kEfficiency = 0.75;

/// Whether a shape can be had for it at all.
bool fits(const ConvGeometry& g, const Processor& processor) {
  if (!g.kernel.is_square() || !g.stride.is_square()) return false;
  const bool strided = !g.has_unit_stride();
  // A group's channels must be whole blocks.
  if (g.groups > 1 && (strided || g.input.extent.channels / g.groups % 16 != 0 ||
                       g.output.extent.channels / g.groups % 16 != 0))
    return false;
  // Strided ones fold a plain image; the others pad all sides alike.
  if (strided && g.input.block != 1) return false;
  if (!strided && (g.pad_top != g.pad_left || g.pad_top != g.pad_bottom || g.pad_top != g.pad_right ||
                   g.pad_top >= g.kernel.height || g.input.extent.channels < 8))
    return false;
  // oneDNN's blocks are what it takes the processor for, vectors what Highway does: the two can be set to
  // differ.
  if (g.output.block < processor.vector_floats || (!strided && g.input.block < processor.vector_floats))
    return false;
  // Blocks of 8 may pad to fewer channels than ours.
  const auto whole = [](const Layout& layout) { return layout.blocks() * layout.block % 16 == 0; };
  return whole(g.output) && (strided || whole(g.input));
}

bool winograd_pays(const ConvolutionWish& wish, const Processor& processor) {
  const ConvGeometry& g = wish.geometry;
  const UnitStrideShape shape = unit_stride_shape(g);
  if (shape.kernel != 3 && shape.kernel != 5) return false;
  // Without AVX-512, oneDNN has nothing but plain loops for some first layers.
  if (!processor.convolves_fast(g)) return true;
  if (wish.convolution == Convolution::kDirect) return false;
  const WinogradConvolution winograd(shape);
  const double pixels = static_cast<double>(g.input.batch) * static_cast<double>(g.output.pixels());
  const double direct = 2.0 * pixels * static_cast<double>(g.kernel.area()) * g.input.extent.channels *
                        g.output.extent.channels / (g.groups * g.groups) / (wish.bf16 ? 2 : 1);
  const double multiplied =
      2.0 * pixels * shape.kernel * shape.kernel * shape.in * shape.out * winograd.multiplication_fraction();
  // Transformed weights are read once; in training they are made for each step as well, and their gradients
  // gathered.
  const double bytes =
      static_cast<double>(winograd.transformed_size()) * sizeof(float) * (wish.training ? 3 : 1);
  return multiplied / kEfficiency + bytes * kFlopsPerByte < direct;
}

/// Small kernels with large strides become mostly zeros when they are folded.
bool folds_well(const ConvGeometry& g) {
  if (g.has_unit_stride()) return true;
  const UnitStrideShape shape = unit_stride_shape(g);
  return shape.kernel * shape.kernel * shape.in <= 4 * g.kernel.area() * g.input.extent.channels;
}

bool tiles_pay(const ConvolutionWish& wish, const Processor& processor) {
  return wish.bf16 && processor.multiplies_tiles && wish.geometry.output.block == 16 &&
         folds_well(wish.geometry);
}

/// The own algorithm that can compute it, and, where that was left open, is likely to be faster.
std::optional<ConvolutionAlgorithm> own_algorithm(const ConvolutionWish& wish, const Processor& processor) {
  if (!fits(wish.geometry, processor)) return std::nullopt;
  if (tiles_pay(wish, processor)) return ConvolutionAlgorithm::kTiles;
  if (winograd_pays(wish, processor)) return ConvolutionAlgorithm::kWinograd;
  return std::nullopt;
}

bool is_fast(const ConvolutionWish& wish, const Processor& processor) {
  return own_algorithm(wish, processor) || processor.convolves_fast(wish.geometry);
}

ConvolutionWish without_groups(ConvolutionWish wish) {
  wish.geometry.groups = 1;
  return wish;
}

bool groups_are_joined(const ConvolutionWish& wish, const Processor& processor) {
  return wish.geometry.groups > 1 && !is_fast(wish, processor) && is_fast(without_groups(wish), processor);
}

}  // namespace

ConvolutionChoice choose_convolution(const ConvolutionWish& wish, const Processor& processor) {
  ConvolutionChoice choice;
  choice.joins_groups = groups_are_joined(wish, processor);
  choice.algorithm = own_algorithm(choice.joins_groups ? without_groups(wish) : wish, processor)
                         .value_or(ConvolutionAlgorithm::kDirect);
  choice.bf16 = wish.bf16 && (choice.algorithm == ConvolutionAlgorithm::kTiles ||
                              (choice.algorithm == ConvolutionAlgorithm::kDirect && !wish.training));
  return choice;
}

bool reads_plain_input(const ConvolutionWish& wish, const Processor& processor) {
  const ConvolutionChoice choice = choose_convolution(wish, processor);
  // Own algorithms fold squares of a plain image into channels.
  if (choice.algorithm != ConvolutionAlgorithm::kDirect) return !wish.geometry.has_unit_stride();
  return processor.prefers_plain_input((choice.joins_groups ? without_groups(wish) : wish).geometry);
}

}  // namespace alexnet::cpu
