// Images in a terminal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "console/terminal.h"

namespace alexnet::cli {

/// A gray image (row-major, 8 bit) as text lines of at most `columns` characters, two pixels, one above the
/// other, per character cell: half blocks with colours, a ramp of letters without. Larger images are scaled
/// down.
std::vector<std::string> image_text(std::span<const std::uint8_t> gray, int width, int height, int columns,
                                    Colours colours);

}  // namespace alexnet::cli
