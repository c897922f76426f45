#include "model/json_object.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "alexnet/error.h"

namespace alexnet {

using nlohmann::json;

namespace {

/// Looks at the keys alone. The parser's own callback would look at all earlier members of an object whenever
/// one ends: in time that grows with the square of their number.
class KeyWatch : public nlohmann::json_sax<json> {
 public:
  explicit KeyWatch(const std::string& where) : where_(where) {}
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    open_.emplace_back();
    return true;
  }
  bool key(string_t& key) override {
    if (!open_.back().insert(key).second)
      throw DataError(where_, "the key '" + key + "' appears twice in its JSON");
    return true;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  const std::string& where_;
  std::vector<std::set<std::string>> open_;  // the keys of every object that is open
};

}  // namespace

void require_unique_keys(std::string_view text, const std::string& where) {
  KeyWatch watch(where);
  json::sax_parse(text.begin(), text.end(), &watch);
}

json parse_json(std::string_view text, const std::string& where) {
  require_unique_keys(text, where);
  try {
    return json::parse(text.begin(), text.end());
  } catch (const json::parse_error& error) {
    throw DataError(where, fmt::format("is not valid JSON (near byte {} of it)", error.byte));
  } catch (const json::exception&) {
    throw DataError(where, "holds a number out of range in its JSON");
  }
}

JsonObject::JsonObject(const json& value, std::string where, std::string at)
    : value_(value), where_(std::move(where)), at_(std::move(at)) {
  if (!value_.is_object())
    throw DataError(where_, at_.empty() ? "its JSON is not an object" : "'" + at_ + "' is not an object");
}

const json* JsonObject::find(const std::string& key) {
  known_.insert(key);
  const auto found = value_.find(key);
  return found == value_.end() ? nullptr : &*found;
}

const json& JsonObject::need(const std::string& key) {
  const json* value = find(key);
  if (value == nullptr) fail(key, "is missing");
  return *value;
}

int JsonObject::to_int(const json& value, const std::string& key) const {
  constexpr std::int64_t kMax = std::numeric_limits<int>::max();
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= kMax
                        : value.is_number_integer() && value.get<std::int64_t>() >= -kMax;
  if (!fits) fail(key, value.is_number_integer() ? "is out of range" : "is not a whole number");
  return value.get<int>();
}

void JsonObject::read(const std::string& key, int& value) {
  if (const json* found = find(key)) value = to_int(*found, key);
}

void JsonObject::read(const std::string& key, std::span<int> values) {
  const json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_array()) {
    std::ranges::fill(values, to_int(*found, key));
    return;
  }
  if (found->size() != values.size())
    fail(key, "is not a number or a list of " + std::to_string(values.size()) + " numbers");
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = to_int((*found)[i], key);
}

float JsonObject::to_float(const json& value, const std::string& key) const {
  if (!value.is_number()) fail(key, "is not a number");
  const auto number = value.get<double>();
  if (!(std::abs(number) <= std::numeric_limits<float>::max())) fail(key, "is out of range");
  return static_cast<float>(number);
}

void JsonObject::read(const std::string& key, float& value) {
  if (const json* found = find(key)) value = to_float(*found, key);
}

void JsonObject::read(const std::string& key, bool& value) {
  const json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_boolean()) fail(key, "is not true or false");
  value = found->get<bool>();
}

void JsonObject::read(const std::string& key, std::string& value) {
  const json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_string()) fail(key, "is not a text");
  value = found->get<std::string>();
}

void JsonObject::read(const std::string& key, std::vector<float>& value) {
  const json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_array()) fail(key, "is not a list of numbers");
  value.clear();
  for (const json& element : *found) value.push_back(to_float(element, key));
}

void JsonObject::finish() const {
  for (const auto& [key, value] : value_.items())
    if (!known_.contains(key)) fail(key, "is not a known key");
}

void JsonObject::fail(const std::string& key, const std::string& problem) const {
  throw DataError(where_, "'" + path(key) + "' " + problem);
}

std::string JsonObject::path(const std::string& key) const { return at_.empty() ? key : at_ + "." + key; }

double json_number(float value) {
  const double shortest = std::stod(fmt::format("{}", value));
  return static_cast<float>(shortest) == value ? shortest : double{value};
}

}  // namespace alexnet
