// torchvision.models.alexnet, whatever its classes (https://github.com/pytorch/vision, models/alexnet.py).
#pragma once

#include "alexnet/model.h"

namespace alexnet {

/// As recognise_family(). Its tensors are called features.0.weight to classifier.6.bias, behind any prefix.
void recognise_torchvision_alexnet(StoredWeights& stored);

}  // namespace alexnet
