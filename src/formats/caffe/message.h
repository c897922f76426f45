// A message of Caffe's format, read from text or from protobuf's encoding: fields by name, in the order of
// the file.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace alexnet::caffe {

struct Field;

/// Values are text, whatever their type: "0.75", "true", "MAX". Texts are without quotes.
class Message {
 public:
  // Each returns the message itself, so that calls can follow one another.
  Message& add(std::string_view name, std::string value);
  Message& add(std::string_view name, const char* value) { return add(name, std::string(value)); }
  Message& add(std::string_view name, int value) { return add(name, std::to_string(value)); }
  Message& add(std::string_view name, float value);
  Message& add(std::string_view name, bool value) { return add(name, value ? "true" : "false"); }
  Message& add(std::string_view name, Message value);

  const std::vector<Field>& fields() const { return fields_; }
  /// The last value of a field, as protobuf has it; null: none.
  const std::string* find(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  /// The last message of a field; null: none.
  const Message* message(std::string_view name) const;
  std::vector<const Message*> messages(std::string_view name) const;

 private:
  std::vector<Field> fields_;
};

struct Field {
  std::string name;
  std::string value;                       ///< of a field that is no message
  std::shared_ptr<const Message> message;  ///< null: a value
};

/// Fields of one file, those of all messages in it together: far more than any network has. A file is refused
/// before it takes much memory.
inline constexpr std::size_t kMaxFields = 200'000;

/// A value as a number. DataError naming `where` for anything else.
int to_int(const std::string& value, const std::string& where);
float to_float(const std::string& value, const std::string& where);
bool to_bool(const std::string& value, const std::string& where);

/// The start of any text, for errors.
std::string shown(std::string_view text);

/// Reads protobuf's text format (.prototxt). DataError naming `where` and the line.
Message parse_text(std::string_view text, const std::string& where);

/// Writes it.
std::string to_text(const Message& message);

}  // namespace alexnet::caffe
