#include "alexnet/tensor.h"

namespace alexnet {

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

TensorView TensorView::own(Tensor tensor) {
  auto storage = std::make_shared<const Tensor>(std::move(tensor));
  return {storage->shape, storage->values, storage};
}

}  // namespace alexnet
