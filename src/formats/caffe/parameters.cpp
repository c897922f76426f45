#include "formats/caffe/parameters.h"

#include <fmt/format.h>

#include "alexnet/error.h"

namespace alexnet::caffe {

void Definition::refuse(const std::string& where, const std::string& problem, const std::string& fix) const {
  throw DataError(where, fmt::format("layer '{}' ({}): {}", shown(name), shown(kind), problem), fix);
}

Parameters::Parameters(const Definition& layer, std::string_view name, const std::string& where)
    : layer_(layer), message_(layer.message->message(name)), where_(where) {}

void Parameters::fail(std::string_view name, const std::string& problem) const {
  layer_.refuse(where_, fmt::format("its {} {}", shown(name), problem));
}

const std::string* Parameters::find(std::string_view name) {
  asked_.emplace(name);
  return message_ == nullptr ? nullptr : message_->find(name);
}

int Parameters::integer(std::string_view name, int otherwise, int min, int max) {
  const std::string* value = find(name);
  const int number = value == nullptr ? otherwise : to_int(*value, where_);
  if (number < min || number > max)
    fail(name, fmt::format("must be from {} to {}, not {}", min, max, number));
  return number;
}

float Parameters::real(std::string_view name, float otherwise) {
  const std::string* value = find(name);
  return value == nullptr ? otherwise : to_float(*value, where_);
}

bool Parameters::flag(std::string_view name, bool otherwise) {
  const std::string* value = find(name);
  return value == nullptr ? otherwise : to_bool(*value, where_);
}

std::string Parameters::text(std::string_view name, std::string_view otherwise) {
  const std::string* value = find(name);
  return value == nullptr ? std::string(otherwise) : *value;
}

Size2 Parameters::pair(std::string_view square, std::string_view height, std::string_view width,
                       int otherwise, int min) {
  const std::vector<std::string> both =
      message_ == nullptr ? std::vector<std::string>() : message_->all(square);
  if (both.size() > 2) fail(square, fmt::format("has {} axes, but images have 2", both.size()));
  const int first = integer(square, otherwise, std::min(min, otherwise), kLargest);  // the last one of both
  if (both.size() == 2) return {to_int(both[0], where_), first};
  const int rows = integer(height, first, min, kLargest), columns = integer(width, first, min, kLargest);
  return {rows, columns};
}

void Parameters::finish() const {
  if (message_ == nullptr) return;
  for (const Field& field : message_->fields())
    if (!asked_.contains(field.name)) fail(field.name, "is not supported");
}

}  // namespace alexnet::caffe
