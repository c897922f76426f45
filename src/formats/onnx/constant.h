// What a graph computes without its input: initializers, and the nodes that only change their shape or type.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/tensor.h"
#include "formats/onnx/parse.h"

namespace alexnet::onnx {

/// A tensor of a graph whose values are not read yet.
struct Constant {
  Shape shape;
  std::optional<StoredTensor> stored;         ///< where its values are; or:
  std::optional<std::vector<float>> reals{};  ///< they themselves; or:
  float fill = 0;                             ///< the only one there is
  bool transposed = false;                    ///< the stored matrix is the transpose of this one
  std::string_view name() const { return stored ? stored->name : std::string_view(); }
};

/// Reads values. Tensors in other files are read only if the graph's own file was mapped, and only from its
/// folder: no absolute paths, no "..", no links.
class ConstantReader {
 public:
  explicit ConstantReader(Bytes file) : file_(std::move(file)) {}

  /// Every value as the nearest float32, without regard to `transposed`; a view into the file where they lie
  /// as float32. DataError naming the file and the tensor when there are too few bytes, or too many.
  TensorView floats(const Constant& constant);
  /// At most a few whole numbers: of shapes, axes and padding.
  std::vector<std::int64_t> integers(const Constant& constant);
  /// Finds the file that a constant is in, if it is another one.
  void locate(const Constant& constant);
  /// Bytes that hold values: of the file, and of those that were found.
  std::size_t bytes_there() const;

 private:
  std::span<const std::byte> raw_values(const StoredTensor& tensor, std::string& decoded,
                                        std::shared_ptr<const void>& keep);
  static std::map<std::string, std::string> place_of(const StoredTensor& tensor);
  std::span<const std::byte> external_values(const StoredTensor& tensor, std::shared_ptr<const void>& keep);
  const Bytes& external_file(const StoredTensor& tensor, const std::string& location);
  [[noreturn]] void fail(const StoredTensor& tensor, const std::string& problem, const std::string& fix = {});

  Bytes file_;
  std::map<std::string, Bytes> external_;  // by location
};

/// The constants of a graph, by name of value.
class Constants {
 public:
  Constants(const StoredGraph& graph, ConstantReader& values, const std::string& where);

  const Constant* find(std::string_view name) const;
  /// Adds the output of a node, if it computes with nothing but constants; false if it does not. DataError
  /// for one that does what is not supported.
  bool take(const StoredNode& node, std::int64_t opset);

 private:
  Constant computed(const StoredNode& node, std::int64_t opset) const;
  Constant of_node(const StoredNode& node) const;
  Constant filled(const StoredNode& node) const;
  Constant transposed(const StoredNode& node, Constant constant) const;
  Constant with_ones(const StoredNode& node, Constant constant, std::int64_t opset) const;

  ConstantReader& values_;
  const std::string& where_;
  std::unordered_map<std::string_view, Constant> by_name_;
};

}  // namespace alexnet::onnx
