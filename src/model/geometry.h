// Where windows fall: shared by shape inference and by the engines.
#pragma once

#include "alexnet/network.h"

namespace alexnet {

/// One axis of a sliding window.
struct Window {
  int output = 0;      // positions; < 1 when the input is too small
  int pad_before = 0;  // zeros (or nothing, for pooling) before the first pixel
  int pad_after =
      0;  // what the last position needs behind the last pixel; may be negative when pixels are unused
  int border_after = 0;  // padding behind the last pixel; a position rounded up may reach beyond it
};

/// Both axes.
struct Windows {
  Window rows, columns;
};
Windows windows(const Extent& input, const Conv& conv);
Windows windows(const Extent& input, const Pool& pool);

/// Layers [begin, end) as a network of its own, whose input is what goes into the first of them. The spec
/// must compute.
NetworkSpec part_of(const NetworkSpec& spec, std::size_t begin, std::size_t end);

/// What of the input a pixel of an output depends on, along one axis: pixel i sees `size` pixels from
/// `start` + i * `step` on, some of which may lie in the padding.
struct Field {
  int start = 0, step = 1, size = 1;
};
struct ReceptiveField {
  Field rows, columns;
};
/// Of layer number `layer`. Behind a flatten or dense layer, everything. The spec must compute; UsageError
/// where a field is larger than images are.
ReceptiveField receptive_field(const NetworkSpec& spec, std::size_t layer);

/// Output of one layer; UsageError naming the layer when it does not fit. Needs no valid network around.
Extent layer_output(const Layer& layer, const Extent& input);

}  // namespace alexnet
