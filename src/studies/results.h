// From runs to estimates.
#pragma once

#include "alexnet/studies.h"

namespace alexnet {

/// What one run gives; `at_least` when its training error never came down to what the study asks for: the
/// value is then the number of epochs it had. NaN when it has none (a run that diverged, or waits).
struct RunValue {
  double value = 0;
  bool at_least = false;
};
RunValue value_of(const Study& study, const StudyRun& run);

/// Estimates of all variants; `runs` in any order.
std::vector<VariantResult> compare(const Study& study, const std::vector<StudyRun>& runs);

}  // namespace alexnet
