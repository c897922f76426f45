// The files of torch.save as the registry of formats knows them: bare weights.
#pragma once

#include "formats/format.h"

namespace alexnet {

const Importer& pytorch_importer();

}  // namespace alexnet
