// Dense float32 tensors by name: how weights and activations enter and leave the library.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alexnet/export.h"

namespace alexnet {

/// Extents, outermost first, e.g. {96, 3, 11, 11} for conv1.weight (OIHW). Row-major, dense. All >= 0.
using Shape = std::vector<std::int64_t>;

ALEXNET_API std::int64_t element_count(const Shape& shape);
/// "96x3x11x11"; "scalar" for {}.
ALEXNET_API std::string to_string(const Shape& shape);

/// Owning tensor.
struct Tensor {
  Shape shape;
  std::vector<float> values;

  Tensor() = default;
  /// Zeros.
  explicit Tensor(Shape s) : shape(std::move(s)), values(static_cast<std::size_t>(element_count(shape))) {}
  Tensor(Shape s, std::vector<float> v) : shape(std::move(s)), values(std::move(v)) {}
};

/// Read-only view of a tensor whose storage `keep` holds alive: a Tensor on the heap, or a mapped file.
struct ALEXNET_API TensorView {
  Shape shape;
  std::span<const float> values;
  std::shared_ptr<const void> keep;

  static TensorView own(Tensor tensor);
};

/// Tensors by name, e.g. "conv1.weight". Copies share storage.
using NamedTensors = std::map<std::string, TensorView>;

}  // namespace alexnet
