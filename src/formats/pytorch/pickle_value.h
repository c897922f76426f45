// What the pickles of PyTorch's files hold, read as data: nothing that they name is ever called.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "alexnet/tensor.h"
#include "formats/element.h"

namespace alexnet::pytorch {

/// Numbers of one type that tensors are views of.
struct Storage {
  std::string key;  // names its bytes in the file
  Element element = Element::kF32;
  std::int64_t begin = 0, count = 0;  // the part of the bytes that it stands for, in elements
};

/// A view of a storage, as the file describes it: nothing of it is checked yet.
struct StridedTensor {
  const Storage* storage = nullptr;
  std::int64_t offset = 0;  // of its first value, in elements
  Shape shape, strides;     // strides in elements
};

/// A name in a Python module.
struct Global {
  std::string_view module, name;
};

struct Sequence;
struct Dict;

/// Text and names are views into the bytes of the pickle; all else belongs to an Objects. `monostate` is
/// None.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string_view, const Global*,
                           Sequence*, Dict*, const Storage*, const StridedTensor*>;

/// A list or a tuple.
struct Sequence {
  std::vector<Value> items;
};

/// A dictionary. Of equal keys, the last one counts.
struct Dict {
  std::vector<std::pair<Value, Value>> items;
  bool object = false;  // the attributes of an object of a TorchScript archive

  /// Null where there is no such key.
  const Value* find(std::string_view key) const;
};

/// Owns what values point to. Values may contain each other in a circle, or be nested a million times.
class Objects {
 public:
  template <class T>
  T* add(T object) {
    return &std::get<std::deque<T>>(all_).emplace_back(std::move(object));
  }

 private:
  std::tuple<std::deque<Global>, std::deque<Sequence>, std::deque<Dict>, std::deque<Storage>,
             std::deque<StridedTensor>>
      all_;
};

/// The object if the value is one of that type, else null.
template <class T>
T* as(const Value& value) {
  T* const* found = std::get_if<T*>(&value);
  return found == nullptr ? nullptr : *found;
}

}  // namespace alexnet::pytorch
