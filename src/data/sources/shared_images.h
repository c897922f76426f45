// Images that two sources have in common, by their content.
#pragma once

#include <cstddef>
#include <string>

#include "alexnet/dataset.h"

namespace alexnet {

struct SharedImages {
  std::size_t looked_at = 0;         // of the validation images
  std::size_t shared = 0;            // of these, training images too, byte for byte
  std::string validation, training;  // names of one such image; empty where there are none
};

/// Looks at some thousand validation images, spread over the set; of the training images at those of the same
/// size in bytes, a GiB of them at most. Images that cannot be read are passed over.
SharedImages find_shared_images(const ImageSource& training, const ImageSource& validation);

}  // namespace alexnet
