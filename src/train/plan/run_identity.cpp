#include "train/plan/run_identity.h"

#include "base/digest.h"
#include "train/plan/plan.h"

namespace alexnet {
namespace {

void add_source(Digest& sum, const ImageSource* source) {
  if (source == nullptr) return;
  sum.add(source->size());
  for (std::size_t i = 0; i < source->size(); ++i) {
    sum.add(source->name(i));
    sum.add(static_cast<std::uint64_t>(source->label(i)));
  }
}

}  // namespace

std::uint64_t data_digest(const Dataset& data) {
  Digest sum;
  for (const std::string& name : data.classes) sum.add(name);
  add_source(sum, data.train.get());
  add_source(sum, data.validation.get());
  return sum.value();
}

RunIdentity identity_of(const Plan& plan) {
  const std::size_t validation = plan.data.validation ? plan.data.validation->size() : 0;
  return {.data = data_digest(plan.data),
          .pictures = static_cast<std::int64_t>(plan.data.train->size() + validation),
          .bgr = plan.preprocessing.bgr};
}

}  // namespace alexnet
