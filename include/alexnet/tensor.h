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

/// Product of the extents; 1 for {}.
ALEXNET_API std::int64_t element_count(const Shape& shape);
/// "96x3x11x11"; "scalar" for {}.
ALEXNET_API std::string to_string(const Shape& shape);

/// Owning tensor.
struct Tensor {
  Shape shape;                ///< {} stands for one value, a scalar
  std::vector<float> values;  ///< row-major

  /// Shape {}, but no value.
  Tensor() = default;
  /// Zeros.
  explicit Tensor(Shape s) : shape(std::move(s)), values(static_cast<std::size_t>(element_count(shape))) {}
  /// Values for a shape; their number is not checked.
  Tensor(Shape s, std::vector<float> v) : shape(std::move(s)), values(std::move(v)) {}
};

/// Read-only view of a tensor whose storage `keep` holds alive: a Tensor on the heap, or a mapped file.
struct ALEXNET_API TensorView {
  Shape shape;                       ///< as Tensor::shape
  std::span<const float> values;     ///< row-major
  std::shared_ptr<const void> keep;  ///< null: the caller keeps the storage

  /// A view that holds the tensor on the heap.
  static TensorView own(Tensor tensor);
};

/// Tensors by name, e.g. "conv1.weight". Copies share storage.
using NamedTensors = std::map<std::string, TensorView>;

}  // namespace alexnet
