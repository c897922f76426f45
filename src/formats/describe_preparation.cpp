#include "formats/describe_preparation.h"

#include <fmt/format.h>

namespace alexnet {

void describe_preparation(const Preprocessing& preprocessing, Assumption::From from,
                          std::vector<Assumption>& assumptions) {
  const auto add = [&](std::string_view what, std::string value) {
    assumptions.push_back({std::string(what), std::move(value), from});
  };
  add(kChannelOrder, preprocessing.bgr ? "BGR" : "RGB");
  add(kRange, "0..1");
  add(kMeans, fmt::format("{:.6g}", fmt::join(preprocessing.mean, ", ")));
  add(kStddevs, fmt::format("{:.6g}", fmt::join(preprocessing.stddev, ", ")));
  add(kResize, fmt::format("short side to {}, bilinear, antialiased", preprocessing.resize));
  add(kCrop, fmt::format("centre {}x{}", preprocessing.crop_width, preprocessing.crop_height));
}

}  // namespace alexnet
