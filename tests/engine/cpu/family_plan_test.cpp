// What is chosen for the article's family, for groups, and for layers that go with no other, on processors of
// four kinds.
#include <dnnl.h>
#include <gtest/gtest.h>

#include "tests/engine/cpu/processors.h"

namespace alexnet::cpu {
namespace {

TEST(CaffePlan, Trains) {
  EXPECT_EQ(plan(with_avx512(), preset("caffe"), training()), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels, masks its ReLU, no input gradient
norm1: local response normalisation
pool1: max pool
conv2+relu2: Winograd convolution, 2 groups, masks its ReLU
norm2: local response normalisation
pool2: max pool
conv3+relu3: Winograd convolution, masks its ReLU
conv4+relu4: Winograd convolution, 2 groups, masks its ReLU
conv5+relu5: Winograd convolution, 2 groups
pool5: max pool, masks the ReLU before
flatten: flatten
fc6+relu6: dense, oneDNN, input gradient by oneDNN
drop6: drop, masks the ReLU before
fc7+relu7: dense, oneDNN, input gradient by oneDNN
drop7: drop, masks the ReLU before
fc8: dense, oneDNN, input gradient by oneDNN
)");
}

TEST(PaperPlan, TrainsOnTiles) {
  EXPECT_EQ(plan(amx(), preset("paper"), training(Precision::kBf16)), R"(
conv1+relu1: convolution on tiles, plain input, 4x4 squares as channels, bf16, masks its ReLU, no input gradient
norm1: local response normalisation
pool1: max pool
conv2+relu2: convolution on tiles, 2 groups, bf16, masks its ReLU
norm2: local response normalisation
pool2: max pool
conv3+relu3: convolution on tiles, bf16, masks its ReLU
conv4+relu4: convolution on tiles, 2 groups, bf16, masks its ReLU
conv5+relu5: convolution on tiles, 2 groups, bf16
pool5: max pool, masks the ReLU before
flatten: flatten
fc6+relu6: dense, tiles, input gradient by tiles
drop6: drop, masks the ReLU before
fc7+relu7: dense, tiles, input gradient by tiles
drop7: drop, masks the ReLU before
fc8: dense, tiles, input gradient by tiles
)");
}

TEST(PaperPlan, InfersWithAvx2) {
  EXPECT_EQ(plan(avx2(), preset("paper"), inference(8, Precision::kInt8)), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels
norm1: local response normalisation
pool1: max pool
conv2+relu2: Winograd convolution, 2 groups
norm2: local response normalisation
pool2: max pool
conv3+relu3: Winograd convolution
conv4+relu4: Winograd convolution, 2 groups
conv5+relu5: Winograd convolution, 2 groups
pool5: max pool
flatten: flatten
fc6+relu6: dense, few rows at a time, int8 weights
fc7+relu7: dense, few rows at a time, int8 weights
fc8: dense, few rows at a time, int8 weights
)");
}

TEST(OwtPlan, Trains) {
  EXPECT_EQ(plan(avx2(), preset("owt"), training()), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels, no input gradient
pool1: max pool, masks the ReLU before
conv2+relu2: Winograd convolution
pool2: max pool, masks the ReLU before
conv3+relu3: Winograd convolution, masks its ReLU
conv4+relu4: Winograd convolution, masks its ReLU
conv5+relu5: Winograd convolution
pool5: max pool, masks the ReLU before
flatten: flatten
drop6: drop
fc6+relu6: dense, oneDNN, input gradient by columns
drop7: drop, masks the ReLU before
fc7+relu7: dense, oneDNN, input gradient by columns, masks its ReLU
fc8: dense, oneDNN, input gradient by columns
)");
}

TEST(OwtPlan, InfersRounded) {
  EXPECT_EQ(plan(avx512_bf16(), preset("owt"), inference(32, Precision::kBf16)), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels
pool1: max pool
conv2+relu2: Winograd convolution
pool2: max pool
conv3+relu3: Winograd convolution
conv4+relu4: Winograd convolution
conv5+relu5: Winograd convolution
pool5: max pool
flatten: flatten
fc6+relu6: dense, oneDNN
fc7+relu7: dense, oneDNN
fc8: dense, oneDNN
)");
}

TEST(GroupsPlan, Train) {
  EXPECT_EQ(plan(with_avx512(), groups(), training()), R"(
conv1: direct convolution, plain input, no input gradient
conv2: Winograd convolution, 3 groups as one
conv3: direct convolution, 2 groups as one
conv4: Winograd convolution, 3 groups
flatten: flatten
fc: dense, oneDNN, input gradient by oneDNN
)");
}

TEST(GroupsPlan, TrainWithAvx2) {
  EXPECT_EQ(plan(avx2(), groups(), training()), R"(
conv1: direct convolution, plain input, no input gradient
conv2: direct convolution, 3 groups as one
conv3: direct convolution, 2 groups
conv4: Winograd convolution, 3 groups
flatten: flatten
fc: dense, oneDNN, input gradient by columns
)");
}

TEST(GroupsPlan, InferDirectly) {
  EXPECT_EQ(plan(avx512_bf16(), groups(), inference(4, Precision::kBf16), Convolution::kDirect), R"(
conv1: direct convolution, plain input, bf16
conv2: direct convolution, 3 groups as one, bf16
conv3: direct convolution, 2 groups as one, bf16
conv4: direct convolution, 3 groups, bf16
flatten: flatten
fc: dense, few rows at a time, bf16 weights
)");
}

TEST(GroupsPlan, TrainOnTiles) {
  EXPECT_EQ(plan(amx(), groups(), training(Precision::kBf16)), R"(
conv1: direct convolution, plain input, no input gradient
conv2: convolution on tiles, 3 groups as one, bf16
conv3: direct convolution, 2 groups as one
conv4: convolution on tiles, 3 groups, bf16
flatten: flatten
fc: dense, tiles, input gradient by tiles
)");
}

TEST(OddPlan, Trains) {
  EXPECT_EQ(plan(with_avx512(), odd(), training()), R"(
input: to blocks of 16
conv1: direct convolution, no input gradient
tanh1: activation
lrn1: local response normalisation
pool1: average pool
drop1: drop
relu1: activation
flatten: flatten
fc2+relu2: dense, oneDNN, input gradient by oneDNN, masks its ReLU
fc3: dense, oneDNN, input gradient by oneDNN
)");
}

TEST(OddPlan, TrainsOnTiles) {
  EXPECT_EQ(plan(amx(), odd(), training(Precision::kBf16)), R"(
conv1: convolution on tiles, plain input, 3x3 squares as channels, bf16, no input gradient
tanh1: activation
lrn1: local response normalisation
pool1: average pool
drop1: drop
relu1: activation
flatten: flatten
fc2+relu2: dense, tiles, input gradient by tiles, masks its ReLU
fc3: dense, tiles, input gradient by tiles
)");
}

TEST(OddPlan, InfersWithAvx2) {
  EXPECT_EQ(plan(avx2(), odd(), inference(4, Precision::kInt8)), R"(
input: to blocks of 8
conv1: direct convolution
tanh1: activation
lrn1: local response normalisation
pool1: average pool
relu1: activation
flatten: flatten
fc2+relu2: dense, few rows at a time, int8 weights
fc3: dense, few rows at a time, int8 weights
)");
}

// The answers of the processors in processors.cpp are those of real ones: the one at hand answers for its
// kind.
TEST(ThisProcessor, PlansAsItsKind) {
  const Processor real = this_processor();
  if (real.has_avx512 && dnnl_version()->major != 2)
    GTEST_SKIP() << "the answers with AVX-512 are those of oneDNN 2";
  Processor kind = real.has_avx512 ? with_avx512() : real.vectors == "NEON" ? neon() : avx2();
  if (real.vector_floats != kind.vector_floats || real.activation_block != kind.activation_block)
    GTEST_SKIP() << "oneDNN and Highway use different instruction sets here";
  kind.multiplies_bf16 = real.multiplies_bf16;
  kind.multiplies_tiles = real.multiplies_tiles;
  for (const NetworkSpec& spec :
       {preset("article"), preset("caffe"), preset("paper"), preset("owt"), groups(), odd()})
    for (const Precision precision : {Precision::kFloat32, Precision::kBf16, Precision::kInt8})
      for (const Convolution convolution : {Convolution::kAuto, Convolution::kDirect})
        for (const CompileOptions& options :
             {training(precision), inference(1, precision), inference(32, precision)})
          EXPECT_EQ(plan(kind, spec, options, convolution), plan(real, spec, options, convolution))
              << spec.name << ' ' << to_string(precision);
}

}  // namespace
}  // namespace alexnet::cpu
