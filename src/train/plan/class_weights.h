// What each class counts in the loss.
#pragma once

#include <string>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {

/// One weight per class, or none at all for "none". "balanced": images / (classes * images of the class)
/// (King & Zeng 2001, as scikit-learn has it). Otherwise a comma-separated list; UsageError when its length
/// is not the number of classes.
std::vector<float> class_weights(const std::string& setting, const ImageSource& source, std::size_t classes);

}  // namespace alexnet
