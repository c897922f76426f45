#include "formats/number_classes.h"

#include <fmt/format.h>

#include <string>

namespace alexnet {

void number_classes(StoredWeights& stored) {
  const int classes = class_count(*stored.spec);
  for (int i = 0; i < classes; ++i) stored.classes.push_back(std::to_string(i));
  stored.origin.assumptions.push_back(
      {"class names", fmt::format("numbers, 0 to {}", classes - 1), Assumption::From::kDefault});
}

}  // namespace alexnet
