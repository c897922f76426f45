// The part of HDF5 that Keras writes (by h5py): groups, dense arrays, and texts as attributes. Everything is
// a view into the file. Nothing else is opened or followed: links, external storage, virtual data sets and
// chunks are named and refused. The HDF5 library itself is made for files that can be trusted.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "alexnet/bytes.h"
#include "alexnet/tensor.h"
#include "formats/element.h"

namespace alexnet::hdf5 {

/// A dense array where it lies in the file.
struct Dataset {
  Shape shape;
  Element element = Element::kF32;
  std::span<const std::byte> values;  ///< row-major, byte_count(shape, element) of them; need not be aligned
  std::string refused;                ///< why there are no values, as the end of a sentence; empty: there are
};

/// Names are views into the file.
struct Group {
  std::map<std::string_view, Group> groups;
  std::map<std::string_view, Dataset> datasets;

  /// A group below this one, by a path such as "a/b"; null where there is none.
  const Group* find(std::string_view path) const;
};

struct Content {
  Group root;
  std::map<std::string_view, std::string_view>
      texts;  ///< attributes of the root that are one text, views too
};

/// Whether a file starts as HDF5 files do.
bool looks_like_hdf5(std::span<const std::byte> data);

/// The root group with all that is below it. Memory is in proportion to the bytes of names and headers that
/// are there, whatever sizes the file claims. DataError naming the file when it is truncated, damaged, or
/// built from other parts of HDF5.
Content read_hdf5(const Bytes& file);

}  // namespace alexnet::hdf5
