#include "train/plan/class_weights.h"

#include <cstdint>

#include "fmt/format.h"
#include "train/settings/setting_text.h"

namespace alexnet {

std::vector<float> class_weights(const std::string& setting, const ImageSource& source, std::size_t classes) {
  if (setting == "none") return {};
  if (setting != "balanced") {
    std::vector<float> weights = setting_text::parse_list("class-weights", setting, {});
    if (weights.size() != classes)
      throw UsageError("--class-weights",
                       fmt::format("has {} weights for {} classes", weights.size(), classes),
                       "give one weight per class, in the order of the class names");
    return weights;
  }
  std::vector<std::int64_t> counts(classes);
  for (std::size_t i = 0; i < source.size(); ++i) ++counts[static_cast<std::size_t>(source.label(i))];
  std::vector<float> weights(classes);  // a class may have lost all its images to a validation split: 0
  for (std::size_t i = 0; i < classes; ++i)
    if (counts[i] > 0)
      weights[i] = static_cast<float>(static_cast<double>(source.size()) /
                                      (static_cast<double>(classes) * static_cast<double>(counts[i])));
  return weights;
}

}  // namespace alexnet
