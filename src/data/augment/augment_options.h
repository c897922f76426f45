// What settings can change about images each time they are shown.
#pragma once

#include <vector>

namespace alexnet {

enum class Augment {
  kNone,     // centre crop
  kArticle,  // a crop at a random place of the centre square of side `resize`, mirrored half of the time
  kResized,  // random_resized_box() of that square, scaled to the crop's size, mirrored half of the time
  kTenCrop,  // epoch e from 0 to 9: corner e of that square, or its centre for 4; from 5 on mirrored
};

/// Without any of it an image looks the same each time. What is added here varies images, and must be off
/// by default: varies() then knows of it.
struct AugmentOptions {
  Augment crops = Augment::kNone;
  double min_area = 0.08;  // kResized: the smallest box, as a fraction of the square
  /// The three channels of an image are shifted, together and by one draw each time it is shown, along these
  /// axes (measure_colour_axes()): a normal draw times `colour` times each (Krizhevsky 2012, section 4.1).
  double colour = 0;
  std::vector<float> colour_axes{};
  double jitter = 0;  // ColourJitter's strength, before the image is normalised
  int cutout = 0;     // side of the square that is set to 0, the mean, at last

  bool operator==(const AugmentOptions&) const = default;
  /// Whether an image looks different from one epoch to another.
  bool varies() const { return *this != AugmentOptions{.min_area = min_area, .colour_axes = colour_axes}; }
};

}  // namespace alexnet
