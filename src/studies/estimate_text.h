// Values of a study as text.
#pragma once

#include <string>

#include "alexnet/studies.h"

namespace alexnet {

/// "0.7131 ± 0.0042", "> 24.0", "-".
std::string value_text(const Study& study, const Estimate& value);
/// "+0.0123", "> +12.0", "-".
std::string difference_text(const Study& study, const Estimate& difference);
/// "0.7027 to 0.7235", "-".
std::string interval_text(const Study& study, const Estimate& estimate, bool sign);
/// "validation top-1", "epochs to 25 % training error".
std::string measure_text(const Study& study);

}  // namespace alexnet
