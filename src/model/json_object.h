// JSON read strictly: every value has its type and range, every key is known, no key comes twice. Whatever
// does not fit is a DataError naming the file and the key.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace alexnet {

/// DataError naming `where` for a key that comes twice in an object, of which the parser would keep the last
/// one. Text that is not JSON is left to the parser.
void require_unique_keys(std::string_view text, const std::string& where);

/// Parses a text; `where` (a file) is for errors.
nlohmann::json parse_json(std::string_view text, const std::string& where);

/// An object being read. `at` says where in the text it is ("layers[3]"); empty for the outermost.
class JsonObject {
 public:
  /// `value` must outlive the object.
  JsonObject(const nlohmann::json& value, std::string where, std::string at);

  bool has(const std::string& key) const { return value_.contains(key); }
  /// The value, or null where there is no such key.
  const nlohmann::json* find(const std::string& key);
  /// The value; DataError when there is no such key.
  const nlohmann::json& need(const std::string& key);
  JsonObject object(const std::string& key) { return {need(key), where_, path(key)}; }

  // Each leaves `value` alone where there is no such key.
  void read(const std::string& key, int& value);
  /// One number for all of `values`, or a list of as many.
  void read(const std::string& key, std::span<int> values);
  void read(const std::string& key, float& value);
  void read(const std::string& key, bool& value);
  void read(const std::string& key, std::string& value);
  void read(const std::string& key, std::vector<float>& value);

  /// DataError when there are keys that nobody asked for.
  void finish() const;

  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;
  std::string path(const std::string& key) const;

 private:
  int to_int(const nlohmann::json& value, const std::string& key) const;
  float to_float(const nlohmann::json& value, const std::string& key) const;

  const nlohmann::json& value_;
  std::string where_, at_;
  std::set<std::string> known_;
};

/// The number whose shortest decimal form is that of `value`: 0.1, not 0.10000000149011612. Reading it as
/// float gives `value` again.
double json_number(float value);

}  // namespace alexnet
