// What compiled networks plan for activations, against what their layers' outputs take, worked out from the
// shapes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "tests/every_engine.h"

namespace alexnet {
namespace {

constexpr int kBatch = 4;

NetworkSpec article() { return build(227, 227, 3, 10); }

std::size_t planned(const std::string& engine, bool training, Convolution convolution = Convolution::kAuto,
                    Precision precision = Precision::kFloat32) {
  const CompileOptions options{
      .batch = kBatch, .training = training, .convolution = convolution, .precision = precision};
  return compile(engine, article(), options)->planned_bytes();
}

std::size_t bytes(const Extent& extent) {
  return static_cast<std::size_t>(kBatch * extent.size()) * sizeof(float);
}

struct Outputs {
  std::size_t of_all = 0;        // layers, and the input
  std::size_t largest_pair = 0;  // the most that a convolution reads and writes
};

Outputs outputs() {
  const NetworkSpec spec = article();
  Outputs sums{bytes(spec.input), 0};
  Extent input = spec.input;
  const std::vector<Extent> shapes = output_shapes(spec);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    sums.of_all += bytes(shapes[i]);
    // It cannot write over what it reads.
    if (std::holds_alternative<Conv>(spec.layers[i].kind))
      sums.largest_pair = std::max(sums.largest_pair, bytes(input) + bytes(shapes[i]));
    input = shapes[i];
  }
  return sums;
}

// Winograd's work space, which is used again as well, is larger than any output. With a piece of its own for
// every output and for each operation's work space, the plan is nearly as large as all outputs or larger.
TEST(PlannedMemory, OfInferenceIsUsedAgain) {
  constexpr double kMax = 0.75;
  for (const Precision precision : {Precision::kFloat32, Precision::kBf16, Precision::kInt8}) {
    SCOPED_TRACE(to_string(precision));
    EXPECT_LT(static_cast<double>(planned(kCpu, false, Convolution::kAuto, precision)),
              kMax * static_cast<double>(outputs().of_all));
  }
}

TEST(PlannedMemory, HoldsWhatALayerReadsAndWrites) {
  for (const std::string& engine : available_engines())
    for (const Convolution convolution : {Convolution::kAuto, Convolution::kDirect})
      EXPECT_GE(planned(engine, false, convolution), outputs().largest_pair);
}

// The backward pass reads what the forward pass computed, and has gradients of its own.
TEST(PlannedMemory, OfInferenceIsLessThanOfTraining) {
  for (const std::string& engine : available_engines())
    for (const Convolution convolution : {Convolution::kAuto, Convolution::kDirect})
      EXPECT_LT(static_cast<double>(planned(engine, false, convolution)),
                0.8 * static_cast<double>(planned(engine, true, convolution)));
}

}  // namespace
}  // namespace alexnet
