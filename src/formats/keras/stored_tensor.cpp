#include "formats/keras/stored_tensor.h"

#include <utility>

#include "formats/permuted.h"

namespace alexnet::keras {

TensorView tensor_of(const hdf5::Dataset& dataset, const TensorSource& source, const Shape& shape) {
  Tensor tensor(shape);
  to_float(dataset.element, dataset.values, tensor.values);
  if (!source.permutation.empty())
    tensor.values =
        permuted(tensor.values, source.view.empty() ? dataset.shape : source.view, source.permutation);
  return TensorView::own(std::move(tensor));
}

TensorView filled(const Shape& shape, float value) {
  return TensorView::own({shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)), value)});
}

}  // namespace alexnet::keras
