#include "engine/cpu/plan/dense_choice.h"

#include "engine/cpu/kernels/simd/dense.h"

namespace alexnet::cpu {
namespace {

bool tiles_pay(const DensePlan& plan, std::size_t batch, Precision coarsest, const Processor& processor) {
  if (coarsest == Precision::kFloat32 || !processor.multiplies_tiles) return false;
  // The other products read the weights once for every few rows.
  const std::size_t few = coarsest == Precision::kInt8 ? kReadingBound : kFewRows;
  return plan.training || batch > few;
}

DenseProduct forward_product(bool tiles, std::size_t batch) {
  if (tiles) return DenseProduct::kTiles;
  return batch <= kReadingBound ? DenseProduct::kSmallBatch : DenseProduct::kOnednn;
}

DenseProduct backward_product(bool tiles, const Processor& processor) {
  if (tiles) return DenseProduct::kTiles;
  // With AVX2, oneDNN's kernels reach half of what multiply_columns() does. On ARM it has plain loops.
  return processor.has_avx512 ? DenseProduct::kOnednn : DenseProduct::kColumns;
}

// Larger batches are bound by computing, which rounded weights would only add to, unless they are multiplied
// as they are.
Precision weights_precision(const DensePlan& plan, bool tiles, std::size_t batch, Precision coarsest) {
  if (plan.training) return Precision::kFloat32;
  if (tiles) return Precision::kBf16;
  return batch > kReadingBound ? Precision::kFloat32 : coarsest;
}

}  // namespace

void choose_products(DensePlan& plan, int batch, Precision coarsest, const Processor& processor) {
  const auto rows = static_cast<std::size_t>(batch);
  const bool tiles = tiles_pay(plan, rows, coarsest, processor);
  plan.forward = forward_product(tiles, rows);
  plan.backward = backward_product(tiles, processor);
  plan.weights = weights_precision(plan, tiles, rows, coarsest);
}

}  // namespace alexnet::cpu
