// Models as .keras archives.
#pragma once

#include <iosfwd>
#include <string>

#include "alexnet/model.h"

namespace alexnet::keras {

/// DataError naming `name` when Keras has no such layer, or the file cannot be written.
void write_model(const Model& model, std::ostream& out, const std::string& name);

}  // namespace alexnet::keras
