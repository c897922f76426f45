#include "engine/cpu/convolution/convolution_plan.h"

#include <algorithm>

#include "model/geometry.h"

namespace alexnet::cpu {

ConvGeometry convolution_geometry(const Conv& conv, const Layout& input, const Layout& output) {
  const auto [rows, columns] = windows(input.extent, conv);
  // Pixels that no window reaches need no (negative) padding.
  return {input,
          output,
          conv.groups,
          conv.kernel,
          conv.stride,
          rows.pad_before,
          columns.pad_before,
          std::max(rows.pad_after, 0),
          std::max(columns.pad_after, 0)};
}

}  // namespace alexnet::cpu
