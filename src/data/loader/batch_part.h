// The rows of every batch that one of several processes takes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alexnet {

/// Which images a batch holds, and in which order, does not depend on its parts: all loaders of a run go by
/// the same places of an epoch, and each delivers those of its rows.
class BatchPart {
 public:
  /// `rows` from `first_row` on, or all that follow where `rows` is 0. UsageError when a batch of `batch`
  /// rows does not have them.
  BatchPart(int batch, int first_row, int rows);

  int rows() const { return rows_; }

  /// Batches of an epoch of so many images: whole ones in training; otherwise the last may be short.
  std::int64_t batches(std::size_t images, bool training) const;

  /// Places in an epoch.
  struct Places {
    std::size_t first = 0, count = 0;
  };
  /// Those of the part of a batch. The last batch of an evaluation may have none.
  Places of_batch(std::int64_t number, std::size_t images) const;
  /// How many of the images have a place in the part of some batch.
  std::size_t of_epoch(std::size_t images) const;

 private:
  int batch_, first_row_, rows_;
};

}  // namespace alexnet
