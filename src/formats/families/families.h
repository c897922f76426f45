// Networks of other programs whose files hold tensors alone: names and shapes tell the rest.
#pragma once

#include "alexnet/model.h"

namespace alexnet {

/// Makes a whole model of bare weights that belong to a known family, with canonical names, and records what
/// the family says among the assumptions of their origin. All others stay as they are.
void recognise_family(StoredWeights& stored);

}  // namespace alexnet
