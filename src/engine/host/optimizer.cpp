#include "engine/host/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/flush_denormals.h"
#include "base/parallel.h"
#include "tensor/squares.h"

namespace alexnet {
namespace {

constexpr std::size_t kPiece = 16384;

}  // namespace

Optimizer::Optimizer(const std::vector<SlabEntry>& layout, const std::vector<bool>& frozen,
                     const OptimizerOptions& options)
    : clip_(options.clip) {
  for (const SlabEntry& entry : layout) {
    Piece piece;
    piece.l2 = entry.info.l2;
    if (entry.info.role == Role::kKernel) piece.decay = static_cast<float>(options.weight_decay);
    if (entry.info.role == Role::kBias) piece.lr = options.bias_lr;
    if (!options.layer_lr.empty()) piece.lr *= options.layer_lr[entry.info.layer];
    piece.frozen = frozen[entry.info.layer];
    for (std::size_t done = 0; done < entry.count; done += kPiece) {
      piece.offset = entry.offset + done;
      piece.count = std::min(kPiece, entry.count - done);
      pieces_.push_back(piece);
    }
  }
  sums_.resize(pieces_.size());
}

template <class Body>
double Optimizer::sum_over_pieces(Body&& body) {
  parallel_for(static_cast<std::int64_t>(pieces_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      sums_[i] = body(pieces_[i]);
  });
  return std::accumulate(sums_.begin(), sums_.end(), 0.0);
}

float Optimizer::gradient_scale(std::span<const float> gradients) {
  if (clip_ <= 0) return 1;
  const double length = std::sqrt(sum_over_pieces([&](const Piece& piece) {
    return piece.frozen ? 0 : sum_of_squares(gradients.subspan(piece.offset, piece.count));
  }));
  return length > clip_ ? static_cast<float>(clip_ / length) : 1.0F;
}

double Optimizer::step(std::span<float> weights, std::span<const float> gradients, double lr,
                       std::int64_t number) {
  const FlushDenormals flush;  // what is kept of gradients that are zero shrinks until it is denormal
  const float scale = gradient_scale(gradients);
  begin(lr, number);
  return sum_over_pieces([&](const Piece& piece) {
    float* w = weights.data() + piece.offset;
    if (piece.frozen && piece.l2 == 0) return 0.0;
    const double squares = piece.frozen ? sum_of_squares({w, piece.count})
                                        : update(piece, w, gradients.data() + piece.offset, scale);
    return piece.l2 > 0 ? static_cast<double>(piece.l2) * squares : 0;
  });
}

double Optimizer::squared_change(const SlabEntry& entry, std::span<const float> weights) const {
  double sum = 0;
  for (const Piece& piece : pieces_)
    if (!piece.frozen && piece.offset >= entry.offset && piece.offset < entry.offset + entry.count)
      sum += piece_change(piece, weights.data() + piece.offset);
  return sum;
}

}  // namespace alexnet
