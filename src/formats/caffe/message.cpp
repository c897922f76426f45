#include "formats/caffe/message.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "alexnet/error.h"

namespace alexnet::caffe {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

Message& Message::add(std::string_view name, std::string value) {
  fields_.push_back({std::string(name), std::move(value), nullptr});
  return *this;
}

Message& Message::add(std::string_view name, float value) { return add(name, fmt::format("{}", value)); }

Message& Message::add(std::string_view name, Message value) {
  fields_.push_back({std::string(name), {}, std::make_shared<const Message>(std::move(value))});
  return *this;
}

const std::string* Message::find(std::string_view name) const {
  const std::string* found = nullptr;
  for (const Field& field : fields_)
    if (field.name == name && !field.message) found = &field.value;
  return found;
}

std::vector<std::string> Message::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const Field& field : fields_)
    if (field.name == name && !field.message) values.push_back(field.value);
  return values;
}

const Message* Message::message(std::string_view name) const {
  const auto found = messages(name);
  return found.empty() ? nullptr : found.back();
}

std::vector<const Message*> Message::messages(std::string_view name) const {
  std::vector<const Message*> found;
  for (const Field& field : fields_)
    if (field.name == name && field.message) found.push_back(field.message.get());
  return found;
}

int to_int(const std::string& value, const std::string& where) {
  if (const auto number = number_of<int>(value)) return *number;
  throw DataError(where, fmt::format("'{}' is not a whole number in range", shown(value)));
}

float to_float(const std::string& value, const std::string& where) {
  std::string_view text = value;
  if (text.ends_with('f') || text.ends_with('F')) text.remove_suffix(1);  // as protobuf's text format allows
  if (const auto number = number_of<float>(text); number && std::isfinite(*number)) return *number;
  throw DataError(where, fmt::format("'{}' is not a number in range", shown(value)));
}

bool to_bool(const std::string& value, const std::string& where) {
  if (value == "true" || value == "True" || value == "t" || value == "1") return true;
  if (value == "false" || value == "False" || value == "f" || value == "0") return false;
  throw DataError(where, fmt::format("'{}' is neither true nor false", shown(value)));
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string start(text.substr(0, kShown));
  for (char& c : start)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  return text.size() > kShown ? start + "..." : start;
}

}  // namespace alexnet::caffe
