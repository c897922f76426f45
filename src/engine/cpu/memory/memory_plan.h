// Which pieces of one slab are used when: pieces whose times do not overlap share memory.
#pragma once

#include <cstddef>
#include <vector>

namespace alexnet::cpu {

class MemoryPlan {
 public:
  using Piece = int;

  /// `count` floats that are in use from time `first` to time `last`, both included.
  Piece add(std::size_t count, int first, int last);
  /// Makes a piece's time longer.
  void extend(Piece piece, int time);

  /// Gives every piece its place: largest first, each at the lowest place free during its time (Pisarchyk &
  /// Lee, "Efficient memory management for deep neural net inference", 2020).
  void place();
  /// After place(): floats from the start of the slab.
  std::size_t offset(Piece piece) const { return pieces_[static_cast<std::size_t>(piece)].offset; }
  std::size_t total() const { return total_; }

 private:
  struct Interval {
    std::size_t count;
    int first, last;
    std::size_t offset = 0;
  };
  std::vector<Interval> pieces_;
  std::size_t total_ = 0;
};

}  // namespace alexnet::cpu
