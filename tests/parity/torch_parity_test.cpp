// The AlexNet family against PyTorch: `owt` is torchvision's own network, `caffe` and `paper` are written
// down in tools/make_torch_goldens.py. Forward pass, loss, and gradients of every weight and of the images.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "alexnet/presets.h"
#include "tests/parity/engine_parity.h"
#include "tests/parity/keras_golden.h"

namespace alexnet {
namespace {

// As in keras_parity_test.cpp: so many times what PyTorch misses the float64 values by in float32, or what a
// few dozen roundings make.
constexpr double kTimesTorchFloat32 = 8.0;
constexpr double kMinTolerance = 2e-5;
// Kinks (EngineParity::meets_kinks): a gradient that goes to another pixel takes with it those of all layers
// before. Of a million units one or two lie so when sums are taken in another order than PyTorch's; which
// ones depends on the processor. (Of four batches through caffe's network one met none, and there the two
// engines' gradients agree to 9e-6.)
constexpr double kKinks = 2e-2;

struct TorchCase {
  const char* preset;
  Convolution convolution = Convolution::kAuto;
  bool large = true;  // too large for plain loops
};

struct Setup : TorchCase {
  std::string engine;
};

class TorchParity : public testing::TestWithParam<Setup> {
 protected:
  /// Training passes without dropout can be compared.
  static NetworkSpec network_of(const keras::Case& golden) {
    NetworkSpec spec =
        find_preset(golden.label).build(golden.width, golden.height, golden.depth, golden.classes, 0);
    for (Layer& layer : spec.layers)
      if (auto* dropout = std::get_if<Dropout>(&layer.kind)) dropout->rate = 0.0F;
    return spec;
  }

  void check(const std::string& quantity, const keras::Digest& got) {
    const keras::Quantity& want = golden_.quantities.at(quantity);
    const auto tensor = want.tensors.find(got.name);
    ASSERT_NE(tensor, want.tensors.end()) << got.name;
    const double error = keras::difference(tensor->second, got);
    const bool before_kinks = got.name.starts_with("gradient/conv") || quantity == "input_gradient";
    EXPECT_LE(error, engine_parity(GetParam().engine).meets_kinks && before_kinks
                         ? kKinks
                         : std::max(kMinTolerance, kTimesTorchFloat32 * want.keras_float32_error))
        << got.name;
    worst_[quantity] = std::max(worst_[quantity], error);
    ++seen_[quantity];
  }

  const keras::Case golden_ = keras::read_case(ALEXNET_TEST_DATA "/torch.json", GetParam().preset);
  std::map<std::string, double> worst_;
  std::map<std::string, std::size_t> seen_;
};

TEST_P(TorchParity, HoldsForwardAndBackward) {
  const NetworkSpec spec = network_of(golden_);
  CompileOptions options;
  options.batch = golden_.batch;
  options.training = options.input_gradient = true;
  options.convolution = GetParam().convolution;
  const auto network = compile(GetParam().engine, spec, options);
  network->load(keras::weights(spec));
  keras::fill_input(golden_.series, 0, network->input());
  network->forward({.pass = Pass::kTraining});
  check("logits", keras::digest("logits/fc8", network->logits()));

  const std::vector<int> labels = keras::labels(golden_.series, 0, golden_.batch, golden_.classes);
  const double loss = network->loss({.labels = labels}, {}).loss;
  check("loss", {"loss/cross_entropy", 1, {loss}, {}, loss, loss, 0, 0});

  network->backward();
  for (const SlabEntry& entry : network->parameter_layout()) {
    std::vector<float> gradient(static_cast<std::size_t>(element_count(entry.info.shape)));
    network->read(SlabId::kGradients, entry, gradient);
    check("gradient", keras::digest("gradient/" + entry.info.name, gradient));
  }
  std::vector<float> images(network->input().size());
  network->read_input_gradient(images);
  check("input_gradient", keras::digest("input_gradient/input", images));

  for (const auto& [quantity, want] : golden_.quantities) {
    EXPECT_EQ(seen_[quantity], want.tensors.size()) << quantity;
    fmt::print("  {:8} {:16} worst error {:.1e} (PyTorch in float32 {:.1e})\n", golden_.label, quantity,
               worst_[quantity], want.keras_float32_error);
  }
}

std::string name_of(const testing::TestParamInfo<Setup>& info) {
  return fmt::format("{}{}_{}", info.param.engine,
                     info.param.convolution == Convolution::kDirect ? "_direct" : "", info.param.preset);
}

std::vector<Setup> setups() {
  const std::vector<TorchCase> cases = {{"owt"},
                                        {"owt", Convolution::kDirect},
                                        {"caffe"},
                                        {"caffe", Convolution::kDirect},
                                        {.preset = "paper", .large = false}};
  const auto wanted = [](const EngineParity& engine, const TorchCase& one) {
    return !(engine.plain_loops && one.large);
  };
  return for_every_engine(cases, wanted, [](const std::string& engine, const TorchCase& one) {
    return Setup{one, engine};
  });
}

INSTANTIATE_TEST_SUITE_P(Family, TorchParity, testing::ValuesIn(setups()), name_of);

}  // namespace
}  // namespace alexnet
