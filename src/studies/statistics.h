// How far the mean of a few runs can be trusted.
#pragma once

#include <span>
#include <vector>

#include "alexnet/studies.h"

namespace alexnet {

/// t such that Student's distribution with that many degrees of freedom (1 or more) has 2.5 % beyond it.
double student_t(int freedom);

/// Mean, standard deviation (divided by n - 1), and the 95 % interval mean -+ t * standard deviation /
/// sqrt(n) of normally distributed values whose standard deviation is not known. One value has no standard
/// deviation, none have no mean.
Estimate estimate(std::span<const double> values);

/// By what factor values go beyond those of `base`, pair by pair: the geometric mean and its interval, from
/// the logarithms. All values above 0.
Estimate ratio(std::span<const double> values, std::span<const double> base);

}  // namespace alexnet
