// What must hold of every model, whatever file it comes from or goes to.
#pragma once

#include <string>

#include "alexnet/model.h"

namespace alexnet {

/// DataError naming `where` and what does not fit: classes, preprocessing, or tensors that are missing,
/// extra, misshapen or not finite.
void check_model(const Model& model, const std::string& where);

}  // namespace alexnet
