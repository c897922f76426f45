#include "studies/estimate_text.h"

#include <cmath>

#include "fmt/format.h"

namespace alexnet {
namespace {

int digits(const Study& study) { return study.measure == StudyMeasure::kTop1 ? 4 : 1; }

std::string number(const Study& study, double value, bool sign) {
  return sign ? fmt::format("{:+.{}f}", value, digits(study)) : fmt::format("{:.{}f}", value, digits(study));
}

std::string mean_text(const Study& study, const Estimate& estimate, bool sign) {
  if (std::isnan(estimate.mean)) return "-";
  return (estimate.at_least ? "> " : "") + number(study, estimate.mean, sign);
}

}  // namespace

std::string value_text(const Study& study, const Estimate& value) {
  std::string text = mean_text(study, value, false);
  if (!std::isnan(value.stddev)) text += " ± " + number(study, value.stddev, false);
  return text;
}

std::string difference_text(const Study& study, const Estimate& difference) {
  return mean_text(study, difference, true);
}

std::string interval_text(const Study& study, const Estimate& estimate, bool sign) {
  if (std::isnan(estimate.low)) return "-";
  return number(study, estimate.low, sign) + " to " + number(study, estimate.high, sign);
}

std::string measure_text(const Study& study) {
  if (study.measure == StudyMeasure::kTop1) return "validation top-1";
  return fmt::format("epochs to {:g} % training error", 100 * study.train_error);
}

}  // namespace alexnet
