// Layers from the nodes of a graph that is a chain.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/network.h"
#include "formats/layer_names.h"
#include "formats/onnx/attributes.h"
#include "formats/onnx/constant.h"
#include "formats/onnx/parse.h"

namespace alexnet::onnx {

/// How a parameter of the network is made from a constant of the graph.
struct WeightSource {
  std::string parameter;                  ///< name in parameters(spec)
  Shape shape;                            ///< canonical
  std::optional<Constant> constant{};     ///< none: zeros
  bool transposed = false;                ///< the constant is [in, out]
  std::optional<Extent> channels_last{};  ///< its inputs are flattened in the order height, width, channel
  float factor = 1;
};

/// What a graph does with its input before the first layer: the channels are put into another order, and each
/// becomes scale * x + shift.
struct InputSteps {
  std::vector<std::int64_t> order;
  std::vector<double> scale, shift;  ///< one per channel, or empty: none
  bool operator==(const InputSteps&) const = default;
};

struct ReadNetwork {
  NetworkSpec spec;  ///< layers are named after their kind and their place: conv1, relu1, ..., fc6, ..., prob
  std::vector<WeightSource> weights;  ///< in the order of parameters(spec)
  std::vector<std::string> outputs;   ///< of each layer, its value in the graph; empty: its channels are last
  InputSteps input;
  bool channels_last = false;  ///< the graph takes images as [batch, height, width, channels]
};

/// Reads a graph node by node. DataError naming the file, the node, and what of it is not supported.
class NetworkReader {
 public:
  NetworkReader(const StoredGraph& graph, std::int64_t opset, ConstantReader& values,
                const std::string& where);
  ReadNetwork read();

 private:
  using Integers = std::vector<std::int64_t>;
  struct Pads {
    std::array<std::int64_t, 2> before{}, after{};  // rows, columns
    bool operator==(const Pads&) const = default;
  };
  /// A kernel that slides over an image, and what it does at the border.
  struct Sliding {
    Size2 kernel, stride;
    Padding padding;
    Pool::Rounding rounding = Pool::Rounding::kFloor;
    bool counts_padding = false;
    bool operator==(const Sliding&) const = default;
  };

  void start();
  void read(const StoredNode& node);
  void require_chain(const StoredNode& node);
  void name_output(const StoredNode& node);
  void finish();

  // Operators; each reads one node (network_reader.cpp, read_windows.cpp, read_dense.cpp,
  // read_pointwise.cpp).
  void conv(const StoredNode& node);
  void pool(const StoredNode& node);
  void global_pool(const StoredNode& node);
  void pad(const StoredNode& node);
  void gemm(const StoredNode& node);
  void matmul(const StoredNode& node);
  void arithmetic(const StoredNode& node);
  void gather(const StoredNode& node);
  void flatten(const StoredNode& node);
  void reshape(const StoredNode& node);
  void squeeze(const StoredNode& node);
  void transpose(const StoredNode& node);
  void activation(const StoredNode& node);
  void batch_norm(const StoredNode& node);
  void lrn(const StoredNode& node);
  void dropout(const StoredNode& node);
  void softmax(const StoredNode& node);
  void pass(const StoredNode& node);

  Sliding sliding(const StoredNode& node, Attributes& attributes, std::optional<Size2> kernel);
  Pads pads_of(Attributes& attributes, const Sliding& slide, const Pads& outside, std::string_view mode);
  bool not_negative() const;
  void fit(const StoredNode& node, Sliding& slide, const Pads& outside, const Pads& pads, bool same_first,
           bool up);
  void dense(const StoredNode& node, const Constant& weight, bool transposed, float factor);
  void make_flat(const StoredNode& node);
  void take_bias(const StoredNode& node, const Constant& constant, float factor);
  void prepare_input(const StoredNode& node, const Constant& constant, bool reversed);

  /// Appends a layer. Returns its name.
  std::string add(const StoredNode& node, const LayerKind& layer);
  /// A constant input; refused where it is none, or missing.
  const Constant& constant(const StoredNode& node, std::size_t input, const char* what) const;
  const Constant* optional_constant(const StoredNode& node, std::size_t input, const char* what) const;
  void require_channels_first(const StoredNode& node) const;
  void require_image(const StoredNode& node) const;
  void require_flat(const StoredNode& node) const;
  std::int64_t whole(const StoredNode& node, const char* what, std::int64_t value) const;

  const StoredGraph& graph_;
  std::int64_t opset_;
  ConstantReader& values_;
  const std::string& where_;
  Constants constants_;

  ReadNetwork result_;
  std::string_view current_;           // the value that the next node reads
  std::set<std::string_view> older_;   // those that it must not read any more
  Extent shape_;                       // of the current value
  std::optional<std::int64_t> batch_;  // fixed by the graph
  bool flat_ = false;                  // it is [batch, n]
  bool channels_last_ = false;         // it is [batch, height, width, channels]
  std::optional<Extent> hwc_;          // it is flat, in the order height, width, channel
  std::optional<Pads> pad_;            // from a Pad before it
  bool open_bias_ = false;             // the last layer may still get a bias
  LayerNames names_;
};

}  // namespace alexnet::onnx
