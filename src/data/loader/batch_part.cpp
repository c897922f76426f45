#include "data/loader/batch_part.h"

#include <fmt/format.h>

#include <algorithm>

#include "alexnet/error.h"

namespace alexnet {

BatchPart::BatchPart(int batch, int first_row, int rows)
    : batch_(batch), first_row_(first_row), rows_(rows == 0 ? batch - first_row : rows) {
  if (batch < 1) throw UsageError("batch", fmt::format("{} images do not fill a batch", batch));
  if (first_row < 0 || rows_ < 1 || rows_ > batch - first_row)
    throw UsageError("batch",
                     fmt::format("has no {} rows from row {} on: it has {}", rows_, first_row, batch),
                     "give every part of a batch at least a row of it");
}

std::int64_t BatchPart::batches(std::size_t images, bool training) const {
  const auto all = static_cast<std::int64_t>(images);
  return training ? all / batch_ : (all + batch_ - 1) / batch_;
}

BatchPart::Places BatchPart::of_batch(std::int64_t number, std::size_t images) const {
  const auto first = static_cast<std::size_t>(number * batch_ + first_row_);
  if (first >= images) return {first, 0};
  return {first, std::min(static_cast<std::size_t>(rows_), images - first)};
}

std::size_t BatchPart::of_epoch(std::size_t images) const {
  const std::int64_t whole = batches(images, true);
  return static_cast<std::size_t>(whole * rows_) + of_batch(whole, images).count;
}

}  // namespace alexnet
