#include "tests/engine/cpu/processors.h"

#include "alexnet/presets.h"

namespace alexnet::cpu {
namespace {

// What oneDNN 2, and 3.2 with AVX2, answers about the networks of this file, on three kinds of
// processors; ThisProcessor.PlansAsItsKind holds this against what it answers on the processor at hand.
bool fills_blocks(const ConvGeometry& g, int block) {
  return g.input.extent.channels / g.groups % block == 0 && g.output.extent.channels / g.groups % block == 0;
}
bool has_few_channels(const ConvGeometry& g) { return g.groups == 1 && g.input.extent.channels <= 3; }
bool never(const ConvGeometry&) { return false; }
bool is_fast_with_avx512(const ConvGeometry& g) {
  if (g.input.block == 1) return has_few_channels(g);
  return g.groups == 1 ? g.input.extent.channels >= 16 : fills_blocks(g, 16);
}
bool is_fast_with_avx2(const ConvGeometry& g) {
  if (g.input.block == 1) return has_few_channels(g) && g.pad_left == 0;
  return g.groups == 1 ? g.input.extent.channels > 16 : fills_blocks(g, 8);
}

}  // namespace

Processor with_avx512() {
  return {.activation_block = 16,
          .vector_floats = 16,
          .vectors = "AVX-512",
          .has_avx512 = true,
          .convolves_fast = is_fast_with_avx512,
          .prefers_plain_input = has_few_channels};
}
Processor neon() {
  return {.vector_floats = 4, .vectors = "NEON", .convolves_fast = never, .prefers_plain_input = never};
}
Processor avx2() { return {.convolves_fast = is_fast_with_avx2, .prefers_plain_input = has_few_channels}; }
Processor avx512_bf16() {
  Processor processor = with_avx512();
  processor.multiplies_bf16 = true;
  return processor;
}
Processor amx() {
  Processor processor = avx512_bf16();
  processor.multiplies_tiles = true;
  return processor;
}

NetworkSpec preset(const char* name) {
  const Preset& found = find_preset(name);
  return found.build(found.size, found.size, 3, 10, 0.0);
}
NetworkSpec groups() {
  constexpr Padding kSame{Padding::Mode::kSame, 0};
  return {"groups",
          {3, 64, 64},
          {{"conv1", Conv{.filters = 36, .kernel = 5, .padding = kSame}},
           {"conv2", Conv{.filters = 48, .kernel = 3, .padding = kSame, .groups = 3}},
           {"conv3", Conv{.filters = 144, .kernel = 5, .stride = 2, .padding = kSame, .groups = 2}},
           {"conv4", Conv{.filters = 96, .kernel = 3, .padding = kSame, .groups = 3}},
           {"flatten", Flatten{}},
           {"fc", Dense{10}}}};
}
NetworkSpec odd() {
  return {"odd",
          {20, 31, 29},
          {{"conv1", Conv{.filters = 37, .kernel = 4, .stride = 3}},
           {"tanh1", Activation{Activation::Kind::kTanh}},
           {"lrn1", Lrn{}},
           {"pool1", Pool{.kind = Pool::Kind::kAverage}},
           {"drop1", Dropout{}},
           {"relu1", Activation{}},
           {"flatten", Flatten{}},
           {"fc2", Dense{33}},
           {"relu2", Activation{}},
           {"fc3", Dense{7}},
           {"prob", Softmax{}}}};
}

CompileOptions training(Precision precision) {
  return {.batch = 32, .training = true, .precision = precision};
}
CompileOptions inference(int batch, Precision precision) { return {.batch = batch, .precision = precision}; }

std::string plan(const Processor& processor, const NetworkSpec& spec, CompileOptions options,
                 Convolution convolution) {
  options.convolution = convolution;
  return "\n" + to_string(plan_network(spec, options, processor));
}

}  // namespace alexnet::cpu
