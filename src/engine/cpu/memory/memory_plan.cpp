#include "engine/cpu/memory/memory_plan.h"

#include <algorithm>

#include "tensor/slab.h"

namespace alexnet::cpu {

MemoryPlan::Piece MemoryPlan::add(std::size_t count, int first, int last) {
  pieces_.push_back({slab_aligned(count), first, last});
  return static_cast<Piece>(pieces_.size()) - 1;
}

void MemoryPlan::extend(Piece piece, int time) {
  Interval& interval = pieces_[static_cast<std::size_t>(piece)];
  interval.first = std::min(interval.first, time);
  interval.last = std::max(interval.last, time);
}

void MemoryPlan::place() {
  std::vector<Interval*> order(pieces_.size());
  std::transform(pieces_.begin(), pieces_.end(), order.begin(), [](Interval& piece) { return &piece; });
  std::stable_sort(order.begin(), order.end(),
                   [](const Interval* a, const Interval* b) { return a->count > b->count; });
  std::vector<const Interval*> placed;  // by offset
  for (Interval* piece : order) {
    std::size_t offset = 0;
    for (const Interval* other : placed) {
      if (other->last < piece->first || piece->last < other->first) continue;
      if (offset + piece->count <= other->offset) break;
      offset = std::max(offset, other->offset + other->count);
    }
    piece->offset = offset;
    total_ = std::max(total_, offset + piece->count);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), piece,
                         [](const Interval* a, const Interval* b) { return a->offset < b->offset; }),
        piece);
  }
}

}  // namespace alexnet::cpu
