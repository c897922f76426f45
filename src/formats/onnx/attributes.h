// The attributes of a node.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/onnx/parse.h"

namespace alexnet::onnx {

/// Each is asked for once by name; one that nobody asks for would change what the node computes, and is an
/// error. Errors are DataErrors that name the file, the node and the attribute.
class Attributes {
 public:
  Attributes(const StoredNode& node, const std::string& where);

  std::int64_t integer(std::string_view name, std::int64_t otherwise);
  float real(std::string_view name, float otherwise);
  std::string_view text(std::string_view name, std::string_view otherwise);
  std::optional<std::vector<std::int64_t>> integers(std::string_view name);
  std::optional<std::vector<float>> reals(std::string_view name);
  /// The bytes of a TensorProto.
  std::optional<std::string_view> tensor(std::string_view name);
  /// Attributes without effect here.
  void ignore(std::string_view name) { find(name); }
  void finish() const;

  /// "x.onnx: node 'conv1' (Conv): its strides problem".
  [[noreturn]] void fail(std::string_view name, const std::string& problem) const;

 private:
  struct Value {
    std::optional<std::int64_t> integer;
    std::optional<float> real;
    std::optional<std::string_view> text, tensor;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    bool used = false;
  };
  Value* find(std::string_view name);

  const StoredNode& node_;
  const std::string& where_;
  std::map<std::string_view, Value> values_;
};

/// DataError naming the file and the node.
[[noreturn]] void refuse(const std::string& where, const StoredNode& node, const std::string& problem,
                         const std::string& fix = {});

}  // namespace alexnet::onnx
