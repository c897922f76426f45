#include "formats/families/families.h"

#include "formats/families/torchvision_alexnet.h"

namespace alexnet {

void recognise_family(StoredWeights& stored) {
  for (const auto recognise : {recognise_torchvision_alexnet})
    if (!stored.spec) recognise(stored);
}

}  // namespace alexnet
