// What the first convolution of a network looks for.
#pragma once

#include <string>
#include <vector>

#include "alexnet/export.h"
#include "alexnet/image.h"
#include "alexnet/model.h"

namespace alexnet {

/// The kernels of the first convolution as images (Krizhevsky et al. 2012, figure 3), in the colours they
/// look for. Each is scaled on its own: middle gray is zero, its largest weight full contrast. UsageError
/// when there is no convolution, or it reads something else than images of 1 or 3 channels.
struct KernelImages {
  std::string layer;           ///< name of the first convolution
  std::vector<Image> kernels;  ///< one per filter, a pixel per weight
};
/// See KernelImages.
ALEXNET_API KernelImages kernel_images(const Model& model);

}  // namespace alexnet
