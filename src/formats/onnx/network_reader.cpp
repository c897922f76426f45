#include "formats/onnx/network_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "alexnet/error.h"
#include "model/geometry.h"

namespace alexnet::onnx {
namespace {

constexpr std::size_t kMaxLayers = 10'000;  // as in model files
constexpr std::int64_t kMaxSize = 1 << 30;  // so that windows over padded images are computed in int
constexpr std::int64_t kFirstOpset = 7;

/// A name that a network may have.
std::string plain(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  const bool good =
      !name.empty() && name.size() <= kLongest &&
      std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c >= 0x7F || c == '/'; });
  return good ? std::string(name) : "onnx";
}

}  // namespace

NetworkReader::NetworkReader(const StoredGraph& graph, std::int64_t opset, ConstantReader& values,
                             const std::string& where)
    : graph_(graph), opset_(opset), values_(values), where_(where), constants_(graph, values, where) {}

ReadNetwork NetworkReader::read() {
  if (opset_ < kFirstOpset)
    throw DataError(where_,
                    fmt::format("uses version {} of ONNX's operators, which is not supported", opset_),
                    fmt::format("convert it to version {} or later", kFirstOpset));
  start();
  for (const StoredNode& node : graph_.nodes) {
    if (!node.domain.empty() && node.domain != "ai.onnx")
      refuse(where_, node,
             fmt::format("the domain '{}' of its operator is not supported", shown(node.domain)));
    if (!constants_.take(node, opset_)) read(node);
  }
  finish();
  return std::move(result_);
}

void NetworkReader::start() {
  const StoredValue* input = nullptr;
  for (const StoredValue& value : graph_.inputs) {
    if (constants_.find(value.name) != nullptr) continue;  // a default value, which is never replaced
    if (input != nullptr)
      throw DataError(where_, fmt::format("is no chain of layers: it has several inputs, '{}' and '{}'",
                                          shown(input->name), shown(value.name)));
    input = &value;
  }
  if (input == nullptr) throw DataError(where_, "has a graph without an input");
  const std::size_t rank = input->shape.size();
  if (rank != 4 && rank != 2)
    throw DataError(where_, fmt::format("its input '{}' has {} dimensions, but images have four",
                                        shown(input->name), rank));
  Shape sizes;
  for (std::size_t i = 1; i < rank; ++i) {
    const auto size = input->shape[i];
    if (!size || *size < 1 || *size > kMaxSize)
      throw DataError(where_,
                      fmt::format("dimension {} of its input '{}' has no fixed size", i, shown(input->name)),
                      "write the file for one size of image");
    sizes.push_back(*size);
  }
  sizes.resize(3, 1);
  shape_ = {static_cast<int>(sizes[0]), static_cast<int>(sizes[1]), static_cast<int>(sizes[2])};
  flat_ = rank == 2;
  batch_ = input->shape[0];
  current_ = input->name;
  result_.spec.name = plain(graph_.name);
  result_.spec.input = shape_;
}

void NetworkReader::read(const StoredNode& node) {
  using Operator = void (NetworkReader::*)(const StoredNode&);
  static const std::unordered_map<std::string_view, Operator> kOperators = {
      {"Conv", &NetworkReader::conv},
      {"MaxPool", &NetworkReader::pool},
      {"AveragePool", &NetworkReader::pool},
      {"GlobalAveragePool", &NetworkReader::global_pool},
      {"GlobalMaxPool", &NetworkReader::global_pool},
      {"Pad", &NetworkReader::pad},
      {"Gemm", &NetworkReader::gemm},
      {"MatMul", &NetworkReader::matmul},
      {"Add", &NetworkReader::arithmetic},
      {"Sub", &NetworkReader::arithmetic},
      {"Mul", &NetworkReader::arithmetic},
      {"Div", &NetworkReader::arithmetic},
      {"Gather", &NetworkReader::gather},
      {"Flatten", &NetworkReader::flatten},
      {"Reshape", &NetworkReader::reshape},
      {"Squeeze", &NetworkReader::squeeze},
      {"Transpose", &NetworkReader::transpose},
      {"Relu", &NetworkReader::activation},
      {"Tanh", &NetworkReader::activation},
      {"Sigmoid", &NetworkReader::activation},
      {"BatchNormalization", &NetworkReader::batch_norm},
      {"LRN", &NetworkReader::lrn},
      {"Dropout", &NetworkReader::dropout},
      {"Softmax", &NetworkReader::softmax},
      {"LogSoftmax", &NetworkReader::softmax},
      {"Identity", &NetworkReader::pass},
      {"Cast", &NetworkReader::pass}};
  require_chain(node);
  const auto found = kOperators.find(node.op);
  if (found == kOperators.end()) refuse(where_, node, "the operator is not supported");
  const bool slides = node.op == "Conv" || node.op.ends_with("Pool");
  if (pad_ && !slides)
    refuse(where_, node, "pads an image before something other than a convolution or a pooling");
  (this->*found->second)(node);
  name_output(node);
  older_.insert(current_);
  current_ = node.outputs.front();
}

/// One value of the input comes in, all else is constant.
void NetworkReader::require_chain(const StoredNode& node) {
  if (node.outputs.empty()) refuse(where_, node, "has no output");
  std::size_t reads = 0;
  for (const std::string_view name : node.inputs) {
    if (name == current_) {
      ++reads;
    } else if (!name.empty() && constants_.find(name) == nullptr) {
      if (older_.contains(name))
        refuse(where_, node,
               fmt::format("reads '{}', which another node reads too: only chains of layers are supported",
                           shown(name)));
      refuse(where_, node, fmt::format("reads '{}', which no node before it computes", shown(name)));
    }
  }
  if (reads != 1) refuse(where_, node, "reads one value twice: only chains of layers are supported");
}

/// A bias that is added to the last layer belongs to it, and so does the sum.
void NetworkReader::name_output(const StoredNode& node) {
  std::vector<std::string>& outputs = result_.outputs;
  const bool has_bias = node.op == "Add" && !outputs.empty();
  if (outputs.size() == result_.spec.layers.size() && !has_bias) return;
  outputs.resize(result_.spec.layers.size());
  outputs.back() = channels_last_ || hwc_ ? std::string() : std::string(node.outputs.front());
}

void NetworkReader::finish() {
  if (graph_.outputs.size() != 1)
    throw DataError(where_,
                    fmt::format("has {} outputs, but a chain of layers has one", graph_.outputs.size()));
  const std::string_view output = graph_.outputs.front().name;
  if (output != current_)
    throw DataError(where_, fmt::format("is no chain of layers: its output is '{}', its last value '{}'",
                                        shown(output), shown(current_)));
  if (pad_) throw DataError(where_, "ends in padding");
  if (channels_last_ || hwc_)
    throw DataError(where_, "its output has the channels last, which is not supported");
  if (result_.spec.layers.empty()) throw DataError(where_, "has a graph without layers");
  try {
    output_shapes(result_.spec);
  } catch (const UsageError& error) {
    throw DataError(where_, error.what());
  }
}

std::string NetworkReader::add(const StoredNode& node, const LayerKind& layer) {
  if (result_.spec.layers.size() == kMaxLayers)
    throw DataError(where_, fmt::format("has more than {} layers", kMaxLayers));
  std::string name = names_.next(layer);
  result_.spec.layers.push_back({name, layer});
  try {
    shape_ = layer_output(result_.spec.layers.back(), shape_);
  } catch (const UsageError& error) {
    refuse(where_, node, error.problem());
  }
  open_bias_ = false;
  return name;
}

const Constant* NetworkReader::optional_constant(const StoredNode& node, std::size_t input,
                                                 const char* what) const {
  if (input >= node.inputs.size() || node.inputs[input].empty()) return nullptr;
  const Constant* found = constants_.find(node.inputs[input]);
  if (found == nullptr) refuse(where_, node, fmt::format("its {} is not constant", what));
  return found;
}

const Constant& NetworkReader::constant(const StoredNode& node, std::size_t input, const char* what) const {
  const Constant* found = optional_constant(node, input, what);
  if (found == nullptr) refuse(where_, node, fmt::format("its {} is missing", what));
  return *found;
}

void NetworkReader::require_channels_first(const StoredNode& node) const {
  if (channels_last_ || hwc_)
    refuse(where_, node, "computes on values whose channels are last, which is not supported");
}

void NetworkReader::require_image(const StoredNode& node) const {
  require_channels_first(node);
  if (flat_) refuse(where_, node, "needs an image, but its input is flat");
}

void NetworkReader::require_flat(const StoredNode& node) const {
  if (!flat_) refuse(where_, node, "needs a flat input, but it is an image");
}

std::int64_t NetworkReader::whole(const StoredNode& node, const char* what, std::int64_t value) const {
  if (value < 0 || value > std::numeric_limits<int>::max())
    refuse(where_, node, fmt::format("its {} is {}, which is out of range", what, value));
  return value;
}

}  // namespace alexnet::onnx
