// Names of the classes of ImageNet-1k.
#pragma once

#include <string_view>

namespace alexnet {

/// As torchvision spells them, one per line, in the order of the outputs of its networks.
extern const std::string_view kImagenetClasses;

}  // namespace alexnet
