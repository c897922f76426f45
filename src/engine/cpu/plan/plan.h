// How a network is computed, as data: which layers together, in which layouts, by which algorithms.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "engine/compiled_network.h"
#include "engine/cpu/convolution/convolution_plan.h"
#include "engine/cpu/dense/dense_plan.h"
#include "engine/cpu/operations/normalise_pool_drop_layers.h"
#include "engine/cpu/plan/processor.h"

namespace alexnet::cpu {

/// A change of layout before the first layer: from the user's NCHW to blocks.
struct Entry {};

/// One operation: the layers [first, last) computed together; none for an Entry.
struct OperationPlan {
  /// A Pool is one of averages: maxima are NormalisePoolDropLayers.
  using Kind = std::variant<Entry, ConvolutionPlan, DensePlan, NormalisePoolDropLayers, Activation, Pool, Lrn,
                            Flatten>;
  std::string name;  // of the layers: "conv1+relu1"
  std::size_t first = 0, last = 0;
  Layout input, output;
  Kind kind;
};

struct NetworkPlan {
  bool training = false;
  /// In order, each reading what the one before wrote.
  std::vector<OperationPlan> operations;
};

/// A trailing softmax is left out, as are, in inference plans, dropout layers. The output of every layer in
/// options.outputs is the output of an operation (or of an earlier one, where the layer does nothing).
NetworkPlan plan_network(const NetworkSpec& spec, const CompileOptions& options, const Processor& processor);

/// One line per operation, for people: "conv2+relu2: Winograd".
std::string to_string(const NetworkPlan& plan);

}  // namespace alexnet::cpu
