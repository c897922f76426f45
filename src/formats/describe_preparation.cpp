#include "formats/describe_preparation.h"

#include <fmt/format.h>

namespace alexnet {

std::string describe_scaling(const Preprocessing& preprocessing) {
  const Resize& resize = preprocessing.resize;
  std::string text = (resize.keeps_shape ? "short side to " : "to ") + to_string(resize) + ", " +
                     to_string(preprocessing.interpolation);
  if (preprocessing.interpolation != Interpolation::kNearest)
    text += preprocessing.antialias ? ", antialiased" : ", not antialiased";
  return text;
}

void describe_preparation(const Preprocessing& preprocessing, Assumption::From from,
                          std::vector<Assumption>& assumptions) {
  const auto add = [&](std::string_view what, std::string value) {
    assumptions.push_back({std::string(what), std::move(value), from});
  };
  add(kChannelOrder, preprocessing.bgr ? "BGR" : "RGB");
  add(kRange, "0..1");
  const TensorView& image = preprocessing.mean_image;
  const std::string means = fmt::format("{:.6g}", fmt::join(preprocessing.mean, ", "));
  add(kMeans, image.values.empty()
                  ? means
                  : fmt::format("image of {}x{}, on average {}", image.shape[2], image.shape[1], means));
  add(kStddevs, fmt::format("{:.6g}", fmt::join(preprocessing.stddev, ", ")));
  add(kResize, describe_scaling(preprocessing));
  add(kCrop, fmt::format("centre {}x{}{}", preprocessing.crop_width, preprocessing.crop_height,
                         preprocessing.floor_crop ? ", its first pixel rounded down" : ""));
}

}  // namespace alexnet
