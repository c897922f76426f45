// What is chosen for the article's network on processors of five kinds.
#include <gtest/gtest.h>

#include "tests/engine/cpu/processors.h"

namespace alexnet::cpu {
namespace {

TEST(ArticlePlan, TrainsByWinograd) {
  EXPECT_EQ(plan(avx2(), preset("article"), training()), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels, no input gradient
bn1+pool1+drop1: normalise + max pool + drop, masks the ReLU before
conv2+relu2: Winograd convolution
bn2+pool2+drop2: normalise + max pool + drop, masks the ReLU before
conv3+relu3: Winograd convolution
bn3: normalise, masks the ReLU before
conv4+relu4: Winograd convolution
bn4: normalise, masks the ReLU before
conv5+relu5: Winograd convolution
bn5+pool5+drop5: normalise + max pool + drop, masks the ReLU before
flatten: flatten
fc6+relu6: dense, oneDNN, input gradient by columns
bn6+drop6: normalise + drop, masks the ReLU before
fc7+relu7: dense, oneDNN, input gradient by columns
bn7+drop7: normalise + drop, masks the ReLU before
fc8: dense, oneDNN, input gradient by columns
)");
}

TEST(ArticlePlan, TrainsByWinogradWithAvx512) {
  for (const Processor& processor : {with_avx512(), avx512_bf16(), amx()})
    EXPECT_EQ(plan(processor, preset("article"), training()), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels, no input gradient
bn1+pool1+drop1: normalise + max pool + drop, masks the ReLU before
conv2+relu2: Winograd convolution
bn2+pool2+drop2: normalise + max pool + drop, masks the ReLU before
conv3+relu3: Winograd convolution
bn3: normalise, masks the ReLU before
conv4+relu4: Winograd convolution
bn4: normalise, masks the ReLU before
conv5+relu5: Winograd convolution
bn5+pool5+drop5: normalise + max pool + drop, masks the ReLU before
flatten: flatten
fc6+relu6: dense, oneDNN, input gradient by oneDNN
bn6+drop6: normalise + drop, masks the ReLU before
fc7+relu7: dense, oneDNN, input gradient by oneDNN
bn7+drop7: normalise + drop, masks the ReLU before
fc8: dense, oneDNN, input gradient by oneDNN
)");
}

TEST(ArticlePlan, TrainsDirectly) {
  EXPECT_EQ(plan(with_avx512(), preset("article"), training(), Convolution::kDirect), R"(
conv1+relu1: direct convolution, plain input, no input gradient
bn1+pool1+drop1: normalise + max pool + drop, masks the ReLU before
conv2+relu2: direct convolution
bn2+pool2+drop2: normalise + max pool + drop, masks the ReLU before
conv3+relu3: direct convolution
bn3: normalise, masks the ReLU before
conv4+relu4: direct convolution
bn4: normalise, masks the ReLU before
conv5+relu5: direct convolution
bn5+pool5+drop5: normalise + max pool + drop, masks the ReLU before
flatten: flatten
fc6+relu6: dense, oneDNN, input gradient by oneDNN
bn6+drop6: normalise + drop, masks the ReLU before
fc7+relu7: dense, oneDNN, input gradient by oneDNN
bn7+drop7: normalise + drop, masks the ReLU before
fc8: dense, oneDNN, input gradient by oneDNN
)");
}

// Its first layer has nothing but plain loops in oneDNN.
TEST(ArticlePlan, TrainsDirectlyWithAvx2) {
  EXPECT_EQ(plan(avx2(), preset("article"), training(), Convolution::kDirect), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels, no input gradient
bn1+pool1+drop1: normalise + max pool + drop, masks the ReLU before
conv2+relu2: direct convolution
bn2+pool2+drop2: normalise + max pool + drop, masks the ReLU before
conv3+relu3: direct convolution
bn3: normalise, masks the ReLU before
conv4+relu4: direct convolution
bn4: normalise, masks the ReLU before
conv5+relu5: direct convolution
bn5+pool5+drop5: normalise + max pool + drop, masks the ReLU before
flatten: flatten
fc6+relu6: dense, oneDNN, input gradient by columns
bn6+drop6: normalise + drop, masks the ReLU before
fc7+relu7: dense, oneDNN, input gradient by columns
bn7+drop7: normalise + drop, masks the ReLU before
fc8: dense, oneDNN, input gradient by columns
)");
}

TEST(ArticlePlan, TrainsOnTiles) {
  EXPECT_EQ(plan(amx(), preset("article"), training(Precision::kBf16)), R"(
conv1+relu1: convolution on tiles, plain input, 4x4 squares as channels, bf16, no input gradient
bn1+pool1+drop1: normalise + max pool + drop, masks the ReLU before
conv2+relu2: convolution on tiles, bf16
bn2+pool2+drop2: normalise + max pool + drop, masks the ReLU before
conv3+relu3: convolution on tiles, bf16
bn3: normalise, masks the ReLU before
conv4+relu4: convolution on tiles, bf16
bn4: normalise, masks the ReLU before
conv5+relu5: convolution on tiles, bf16
bn5+pool5+drop5: normalise + max pool + drop, masks the ReLU before
flatten: flatten
fc6+relu6: dense, tiles, input gradient by tiles
bn6+drop6: normalise + drop, masks the ReLU before
fc7+relu7: dense, tiles, input gradient by tiles
bn7+drop7: normalise + drop, masks the ReLU before
fc8: dense, tiles, input gradient by tiles
)");
}

TEST(ArticlePlan, InfersOneImage) {
  for (const Processor& processor : {with_avx512(), avx512_bf16(), amx()})
    EXPECT_EQ(plan(processor, preset("article"), inference(1)), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels
bn1+pool1+drop1: normalise + max pool
conv2+relu2: Winograd convolution
bn2+pool2+drop2: normalise + max pool
conv3+relu3: direct convolution
bn3: normalise
conv4+relu4: direct convolution
bn4: normalise
conv5+relu5: direct convolution
bn5+pool5+drop5: normalise + max pool
flatten: flatten
fc6+relu6: dense, few rows at a time
bn6+drop6: normalise
fc7+relu7: dense, few rows at a time
bn7+drop7: normalise
fc8: dense, few rows at a time
)");
}

// oneDNN has nothing but plain loops there for convolutions of blocks.
TEST(ArticlePlan, IsByWinogradOnArm) {
  for (const Convolution convolution : {Convolution::kAuto, Convolution::kDirect}) {
    EXPECT_EQ(plan(neon(), preset("article"), training(), convolution),
              plan(avx2(), preset("article"), training()));
    EXPECT_EQ(plan(neon(), preset("article"), inference(1, Precision::kInt8), convolution), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels
bn1+pool1+drop1: normalise + max pool
conv2+relu2: Winograd convolution
bn2+pool2+drop2: normalise + max pool
conv3+relu3: Winograd convolution
bn3: normalise
conv4+relu4: Winograd convolution
bn4: normalise
conv5+relu5: Winograd convolution
bn5+pool5+drop5: normalise + max pool
flatten: flatten
fc6+relu6: dense, few rows at a time, int8 weights
bn6+drop6: normalise
fc7+relu7: dense, few rows at a time, int8 weights
bn7+drop7: normalise
fc8: dense, few rows at a time, int8 weights
)");
  }
}

TEST(ArticlePlan, InfersOneImageRounded) {
  EXPECT_EQ(plan(avx512_bf16(), preset("article"), inference(1, Precision::kBf16)), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels
bn1+pool1+drop1: normalise + max pool
conv2+relu2: Winograd convolution
bn2+pool2+drop2: normalise + max pool
conv3+relu3: direct convolution, bf16
bn3: normalise
conv4+relu4: direct convolution, bf16
bn4: normalise
conv5+relu5: direct convolution, bf16
bn5+pool5+drop5: normalise + max pool
flatten: flatten
fc6+relu6: dense, few rows at a time, bf16 weights
bn6+drop6: normalise
fc7+relu7: dense, few rows at a time, bf16 weights
bn7+drop7: normalise
fc8: dense, few rows at a time, bf16 weights
)");
}

TEST(ArticlePlan, InfersOneImageOnTiles) {
  EXPECT_EQ(plan(amx(), preset("article"), inference(1, Precision::kBf16)), R"(
conv1+relu1: convolution on tiles, plain input, 4x4 squares as channels, bf16
bn1+pool1+drop1: normalise + max pool
conv2+relu2: convolution on tiles, bf16
bn2+pool2+drop2: normalise + max pool
conv3+relu3: convolution on tiles, bf16
bn3: normalise
conv4+relu4: convolution on tiles, bf16
bn4: normalise
conv5+relu5: convolution on tiles, bf16
bn5+pool5+drop5: normalise + max pool
flatten: flatten
fc6+relu6: dense, few rows at a time, bf16 weights
bn6+drop6: normalise
fc7+relu7: dense, few rows at a time, bf16 weights
bn7+drop7: normalise
fc8: dense, few rows at a time, bf16 weights
)");
}

// Eight-bit weights are for a few images; more are multiplied as they are, or on tiles.
TEST(ArticlePlan, InfersManyImagesInBytes) {
  EXPECT_EQ(plan(avx512_bf16(), preset("article"), inference(32, Precision::kInt8)), R"(
conv1+relu1: Winograd convolution, plain input, 4x4 squares as channels
bn1+pool1+drop1: normalise + max pool
conv2+relu2: Winograd convolution
bn2+pool2+drop2: normalise + max pool
conv3+relu3: Winograd convolution
bn3: normalise
conv4+relu4: Winograd convolution
bn4: normalise
conv5+relu5: Winograd convolution
bn5+pool5+drop5: normalise + max pool
flatten: flatten
fc6+relu6: dense, oneDNN
bn6+drop6: normalise
fc7+relu7: dense, oneDNN
bn7+drop7: normalise
fc8: dense, oneDNN
)");
}

TEST(ArticlePlan, InfersManyImagesOnTiles) {
  EXPECT_EQ(plan(amx(), preset("article"), inference(32, Precision::kInt8)), R"(
conv1+relu1: convolution on tiles, plain input, 4x4 squares as channels, bf16
bn1+pool1+drop1: normalise + max pool
conv2+relu2: convolution on tiles, bf16
bn2+pool2+drop2: normalise + max pool
conv3+relu3: convolution on tiles, bf16
bn3: normalise
conv4+relu4: convolution on tiles, bf16
bn4: normalise
conv5+relu5: convolution on tiles, bf16
bn5+pool5+drop5: normalise + max pool
flatten: flatten
fc6+relu6: dense, tiles, bf16 weights
bn6+drop6: normalise
fc7+relu7: dense, tiles, bf16 weights
bn7+drop7: normalise
fc8: dense, tiles, bf16 weights
)");
}

}  // namespace
}  // namespace alexnet::cpu
