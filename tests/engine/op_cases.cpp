#include "tests/engine/op_cases.h"

#include <algorithm>
#include <utility>

namespace alexnet::cases {
namespace {

constexpr Padding kSame{Padding::Mode::kSame, 0};
constexpr Padding kValid{Padding::Mode::kValid, 0};
constexpr Padding explicit_pad(int pad) { return {Padding::Mode::kExplicit, pad}; }

constexpr Activation kRelu{Activation::Kind::kRelu};
constexpr Activation kTanh{Activation::Kind::kTanh};
constexpr Activation kSigmoid{Activation::Kind::kSigmoid};

/// Collects cases. A list of layers becomes a network whose layers are named after their place: "l0", "l1",
/// ... A flatten is put behind layers that leave pixels, so that there are logits.
class Table {
 public:
  OpCase& add(Kind kind, std::string name, int batch, Extent input, const std::vector<LayerKind>& layers) {
    NetworkSpec spec{name, input, {}};
    for (const LayerKind& layer : layers) append(spec, layer);
    const Extent out = output_shapes(spec).back();
    if (out.height != 1 || out.width != 1) append(spec, Flatten{});
    return cases_.emplace_back(OpCase{std::move(name), kind, std::move(spec), batch});
  }
  OpCase& add_network(std::string name, int batch, NetworkSpec spec) {
    return cases_.emplace_back(OpCase{std::move(name), Kind::kNetwork, std::move(spec), batch});
  }
  std::vector<OpCase> take() { return std::move(cases_); }

 private:
  static void append(NetworkSpec& spec, const LayerKind& kind) {
    std::string name = "l" + std::to_string(spec.layers.size());
    spec.layers.push_back({std::move(name), kind});
  }
  std::vector<OpCase> cases_;
};

void add_convolutions(Table& table) {
  const auto add = [&](const char* name, int batch, Extent input, Conv conv) -> OpCase& {
    return table.add(Kind::kConvolution, name, batch, input, {conv});
  };
  // The article's own.
  add("conv1_article", 1, {3, 227, 227}, {.filters = 96, .kernel = 11, .stride = 4, .padding = kSame});
  add("conv1_article_gray_64", 3, {1, 64, 64}, {.filters = 96, .kernel = 11, .stride = 4, .padding = kSame});
  add("conv2_article", 1, {96, 28, 28}, {.filters = 256, .kernel = 5, .padding = kSame});
  add("conv3_article", 1, {256, 13, 13}, {.filters = 384, .kernel = 3, .padding = kSame});
  add("conv4_article", 1, {384, 13, 13}, {.filters = 384, .kernel = 3, .padding = kSame});
  add("conv5_article", 1, {384, 13, 13}, {.filters = 256, .kernel = 3, .padding = kSame});
  add("conv5_article_64", 3, {384, 3, 3}, {.filters = 256, .kernel = 3, .padding = kSame});
  // The paper's: groups, padding in numbers.
  add("conv2_paper_groups", 1, {96, 13, 14},
      {.filters = 256, .kernel = 5, .padding = explicit_pad(2), .groups = 2});
  add("conv2_caffe_groups", 3, {96, 27, 27},
      {.filters = 256, .kernel = 5, .padding = explicit_pad(2), .groups = 2});
  add("conv4_paper_groups", 3, {384, 13, 13},
      {.filters = 384, .kernel = 3, .padding = explicit_pad(1), .groups = 2});
  add("conv_groups_of_blocks", 5, {96, 7, 9}, {.filters = 48, .kernel = 3, .padding = kSame, .groups = 3});
  add("conv2_half_width_towers", 3, {48, 7, 9}, {.filters = 128, .kernel = 5, .padding = kSame, .groups = 2});
  add("conv1_groups_stride", 3, {6, 19, 23},
      {.filters = 24, .kernel = 5, .stride = 2, .padding = kSame, .groups = 3});
  add("conv1_paper_valid", 1, {3, 67, 59}, {.filters = 96, .kernel = 11, .stride = 4, .padding = kValid});
  // First layers of batches of which only a part is folded at a time, or, where none divides it, all; squares
  // whose rows go over the border of a block.
  add("conv1_batch_in_parts", 8, {3, 227, 227}, {.filters = 16, .kernel = 11, .stride = 4, .padding = kSame});
  add("conv1_batch_prime", 7, {3, 227, 227}, {.filters = 16, .kernel = 11, .stride = 4, .padding = kSame});
  add("conv1_stride_5", 3, {3, 38, 41}, {.filters = 24, .kernel = 11, .stride = 5, .padding = kSame});
  // Shapes that do not fit blocks of 16, windows that do not fit the image.
  add("conv_channels_20_to_97", 3, {20, 9, 7}, {.filters = 97, .kernel = 3, .padding = kSame});
  add("conv_channels_97_to_20", 3, {97, 5, 8}, {.filters = 20, .kernel = 3, .padding = kSame});
  add("conv_groups_odd", 3, {21, 8, 8}, {.filters = 27, .kernel = 3, .padding = kSame, .groups = 3});
  add("conv_wide_image", 1, {16, 2, 61}, {.filters = 16, .kernel = 5, .padding = kSame});
  add("conv_leftover_pixels", 3, {3, 16, 15}, {.filters = 17, .kernel = 3, .stride = 4, .padding = kValid});
  // Small ones, for finite differences.
  add("conv_small_same", 3, {3, 5, 6}, {.filters = 4, .kernel = 3, .padding = kSame}).differentiable = true;
  add("conv_small_same_stride", 3, {1, 6, 5}, {.filters = 3, .kernel = 4, .stride = 3, .padding = kSame})
      .differentiable = true;
  add("conv_small_valid", 1, {2, 6, 7}, {.filters = 3, .kernel = 3, .stride = 2}).differentiable = true;
  add("conv_small_pad", 3, {2, 4, 3}, {.filters = 3, .kernel = 3, .stride = 2, .padding = explicit_pad(2)})
      .differentiable = true;
  add("conv_small_groups", 3, {4, 4, 5}, {.filters = 6, .kernel = 3, .padding = kSame, .groups = 2})
      .differentiable = true;
  add("conv_depthwise", 3, {5, 5, 5}, {.filters = 5, .kernel = 3, .padding = kSame, .groups = 5})
      .differentiable = true;
  // Rectangles, and padding that differs from side to side. Each by itself keeps the own algorithms away.
  const auto sides = [](Sides pad) { return Padding{Padding::Mode::kExplicit, pad}; };
  add("conv_small_rectangle", 3, {2, 6, 7},
      {.filters = 3, .kernel = {3, 2}, .stride = {1, 2}, .padding = sides({2, 0, 1, 1})})
      .differentiable = true;
  add("conv_small_rectangle_same", 3, {2, 5, 7},
      {.filters = 3, .kernel = {2, 5}, .stride = {3, 2}, .padding = kSame})
      .differentiable = true;
  add("conv_small_rectangle_groups", 1, {4, 5, 4},
      {.filters = 6, .kernel = {1, 3}, .padding = sides({0, 1, 0, 2}), .groups = 2})
      .differentiable = true;
  add("conv_kernel_1x7", 3, {32, 9, 11}, {.filters = 48, .kernel = {1, 7}, .padding = kSame});
  add("conv_kernel_7x1", 3, {32, 9, 11}, {.filters = 48, .kernel = {7, 1}, .padding = sides({3, 0, 3, 0})});
  add("conv_three_sides_padded", 3, {32, 9, 11},
      {.filters = 48, .kernel = 3, .padding = sides({1, 1, 1, 0})});
  add("conv_top_padded", 3, {16, 9, 7}, {.filters = 32, .kernel = 5, .padding = sides({4, 2, 0, 2})});
  add("conv1_stride_rectangle", 2, {3, 35, 31}, {.filters = 32, .kernel = {11, 7}, .stride = {4, 3}});
  add("conv1_kernel_rectangle", 2, {3, 35, 31}, {.filters = 32, .kernel = {11, 7}, .stride = 4});
  add("conv1_sides", 3, {3, 67, 59},
      {.filters = 96, .kernel = 11, .stride = 4, .padding = sides({2, 1, 5, 0})});
  add("conv_stride_2x1", 3, {32, 9, 11}, {.filters = 32, .kernel = 3, .stride = {2, 1}, .padding = kSame});
  add("conv_1x1", 3, {5, 3, 4}, {.filters = 7, .kernel = 1}).differentiable = true;
  add("conv_on_one_pixel", 3, {5, 1, 1}, {.filters = 3, .kernel = 3, .padding = kSame}).differentiable = true;
  add("conv_kernel_over_image", 1, {2, 3, 2}, {.filters = 3, .kernel = 5, .padding = kSame}).differentiable =
      true;
}

void add_elementwise(Table& table) {
  const auto add = [&](const char* name, int batch, Extent input, Activation activation) -> OpCase& {
    return table.add(Kind::kActivation, name, batch, input, {activation});
  };
  OpCase& relu = add("relu_small", 3, {3, 4, 5}, kRelu);
  relu.input = Input::kSpaced;
  relu.differentiable = true;
  add("relu_article", 1, {96, 57, 57}, kRelu);
  add("tanh_small", 3, {3, 4, 5}, kTanh).differentiable = true;
  add("sigmoid_small", 3, {3, 4, 5}, kSigmoid).differentiable = true;
  add("tanh_channels_97", 3, {97, 3, 3}, kTanh);
  add("sigmoid_flat", 1, {4097, 1, 1}, kSigmoid);
  table.add(Kind::kDropout, "dropout_small", 3, {3, 4, 5}, {Dropout{0.25F}}).differentiable = true;
  table.add(Kind::kDropout, "dropout_article", 3, {96, 28, 28}, {Dropout{0.25F}});
  table.add(Kind::kDropout, "dropout_channels_97", 3, {97, 5, 3}, {Dropout{0.7F}});
  table.add(Kind::kDropout, "dropout_flat", 3, {1003, 1, 1}, {Dropout{0.5F}});
  table.add(Kind::kDropout, "dropout_rate_zero", 3, {20, 3, 3}, {Dropout{0.0F}});
  table.add(Kind::kDropout, "dropout_twice", 3, {20, 3, 3}, {Dropout{0.5F}, Dropout{0.5F}});
}

void add_normalisations(Table& table) {
  const auto batch_norm = [&](const char* name, int batch, Extent input, BatchNorm layer = {}) -> OpCase& {
    return table.add(Kind::kBatchNorm, name, batch, input, {layer});
  };
  batch_norm("batch_norm_small", 3, {3, 4, 5}).differentiable = true;
  batch_norm("batch_norm_one_image", 1, {2, 3, 4}).differentiable = true;
  batch_norm("batch_norm_flat", 5, {7, 1, 1}, {.epsilon = 1e-1F, .momentum = 0.9F}).differentiable = true;
  batch_norm("batch_norm_article", 3, {96, 57, 57});
  batch_norm("batch_norm_channels_97", 3, {97, 5, 3}, {.epsilon = 1e-5F, .momentum = 0.0F});
  batch_norm("batch_norm_one_value", 1, {20, 1, 1});
  batch_norm("batch_norm_flat_article", 3, {4096, 1, 1});

  const auto lrn = [&](const char* name, int batch, Extent input, Lrn layer) -> OpCase& {
    return table.add(Kind::kLrn, name, batch, input, {layer});
  };
  constexpr auto kSum = Lrn::Convention::kSum;
  constexpr auto kMean = Lrn::Convention::kMean;
  lrn("lrn_small_sum", 3, {7, 2, 3}, {.k = 1.0F, .alpha = 0.1F, .convention = kSum}).differentiable = true;
  lrn("lrn_small_mean", 3, {7, 2, 3}, {.k = 1.0F, .alpha = 0.5F, .convention = kMean}).differentiable = true;
  lrn("lrn_size_3", 1, {5, 3, 2}, {.size = 3, .k = 2.0F, .alpha = 0.2F, .beta = 0.5F}).differentiable = true;
  lrn("lrn_size_4", 1, {6, 3, 2}, {.size = 4, .k = 2.0F, .alpha = 0.2F}).differentiable = true;
  lrn("lrn_fewer_channels_than_window", 3, {3, 4, 4}, {.size = 9, .alpha = 0.1F}).differentiable = true;
  constexpr auto kWithin = Lrn::Region::kWithinChannel;
  lrn("lrn_within_small", 3, {3, 5, 4},
      {.size = 3, .k = 1.0F, .alpha = 0.5F, .convention = kMean, .region = kWithin})
      .differentiable = true;
  lrn("lrn_within_sum", 1, {2, 4, 6}, {.size = 5, .alpha = 0.1F, .beta = 0.5F, .region = kWithin})
      .differentiable = true;
  lrn("lrn_within_even", 1, {2, 5, 4}, {.size = 4, .alpha = 0.2F, .region = kWithin}).differentiable = true;
  lrn("lrn_within_larger_than_image", 3, {5, 3, 2}, {.size = 9, .alpha = 0.1F, .region = kWithin})
      .differentiable = true;
  lrn("lrn_within_caffe", 3, {32, 16, 16},
      {.size = 3, .k = 1.0F, .alpha = 5e-5F, .convention = kMean, .region = kWithin});
  lrn("lrn_within_channels_97", 3, {97, 3, 5}, {.size = 3, .k = 0.5F, .alpha = 0.1F, .region = kWithin});
  lrn("lrn_paper", 1, {96, 55, 55}, {});
  lrn("lrn_caffe", 1, {256, 27, 27}, {.k = 1.0F, .convention = kMean});
  lrn("lrn_channels_97", 3, {97, 3, 5}, {.alpha = 0.1F});
}

void add_poolings(Table& table) {
  const auto add = [&](const char* name, int batch, Extent input, Pool pool) -> OpCase& {
    return table.add(Kind::kPool, name, batch, input, {pool});
  };
  const auto add_smooth = [&](const char* name, int batch, Extent input, Pool pool) {
    OpCase& op_case = add(name, batch, input, pool);
    op_case.input = pool.kind == Pool::Kind::kMax ? Input::kSpaced : Input::kNormal;
    op_case.differentiable = true;
  };
  constexpr auto kAverage = Pool::Kind::kAverage;
  constexpr auto kCeil = Pool::Rounding::kCeil;
  add_smooth("max_pool_small", 3, {2, 7, 6}, {});
  add_smooth("max_pool_ceil", 1, {3, 6, 8}, {.rounding = kCeil});
  add_smooth("max_pool_same", 1, {3, 5, 6}, {.padding = kSame});
  add_smooth("max_pool_pad", 3, {2, 5, 4}, {.padding = explicit_pad(1), .rounding = kCeil});
  add_smooth("average_pool_small", 3, {2, 7, 6}, {.kind = kAverage});
  add_smooth("average_pool_ceil", 1, {3, 6, 8}, {.kind = kAverage, .rounding = kCeil});
  add_smooth("average_pool_same", 1, {3, 5, 6}, {.kind = kAverage, .padding = kSame});
  add_smooth("average_pool_pad", 3, {2, 5, 4}, {.kind = kAverage, .padding = explicit_pad(1)});
  add_smooth("average_pool_global", 3, {5, 4, 4}, {.kind = kAverage, .kernel = 4, .stride = 4});
  add_smooth("average_pool_counts", 3, {2, 5, 4},
             {.kind = kAverage, .padding = explicit_pad(1), .counts_padding = true});
  add_smooth("average_pool_counts_ceil", 3, {2, 8, 6},
             {.kind = kAverage, .padding = explicit_pad(1), .rounding = kCeil, .counts_padding = true});
  add_smooth("average_pool_counts_same", 1, {3, 5, 6},
             {.kind = kAverage, .padding = kSame, .counts_padding = true});
  constexpr Padding kSides{Padding::Mode::kExplicit, {1, 0, 2, 1}};
  add_smooth("average_pool_rectangle", 3, {2, 6, 7},
             {.kind = kAverage, .kernel = {3, 2}, .stride = {1, 2}, .padding = kSides});
  add_smooth("average_pool_rectangle_counts", 3, {2, 6, 7},
             {.kind = kAverage,
              .kernel = {3, 2},
              .stride = {2, 3},
              .padding = kSides,
              .rounding = kCeil,
              .counts_padding = true});
  add_smooth("max_pool_rectangle", 3, {2, 6, 7}, {.kernel = {3, 2}, .stride = {1, 2}, .padding = kSides});
  add_smooth("max_pool_rectangle_ceil", 1, {2, 7, 5},
             {.kernel = {2, 4}, .stride = {3, 2}, .padding = kSame, .rounding = kCeil});
  add_smooth("max_pool_wide", 1, {2, 1, 40}, {.kernel = {1, 30}, .stride = {1, 3}});
  add("max_pool_rectangle_channels_97", 3, {97, 9, 7},
      {.kernel = {3, 2}, .stride = {2, 3}, .padding = kSides});
  add("max_pool_rectangle_tied", 3, {20, 13, 13}, {.kernel = {2, 3}, .stride = {2, 1}}).input = Input::kTied;
  add_smooth("max_pool_gaps", 1, {2, 8, 7}, {.kernel = 2, .stride = 3});
  add_smooth("max_pool_one_pixel", 3, {3, 1, 1}, {.kernel = 1, .stride = 1});
  add("max_pool_article", 1, {96, 57, 57}, {});
  add("max_pool_channels_97", 3, {97, 9, 7}, {});
  add("average_pool_channels_20", 3, {20, 9, 7}, {.kind = kAverage});
  add("max_pool_tied", 3, {20, 13, 13}, {}).input = Input::kTied;
  add("max_pool_tied_pad", 3, {3, 8, 7}, {.padding = explicit_pad(1), .rounding = kCeil}).input =
      Input::kTied;
}

void add_dense(Table& table) {
  const auto add = [&](const char* name, int batch, Extent input, int units) -> OpCase& {
    return table.add(Kind::kDense, name, batch, input, {Dense{.units = units}});
  };
  add("dense_small", 3, {7, 1, 1}, 5).differentiable = true;
  add("dense_one_to_one", 1, {1, 1, 1}, 1).differentiable = true;
  add("dense_odd", 3, {301, 1, 1}, 97);
  add("dense_in_parts", 131, {150, 1, 1}, 300);
  add("dense_in_more_parts", 2100, {40, 1, 1}, 530);
  add("dense_article_fc8", 3, {4096, 1, 1}, 1000);
  add("dense_one_image", 1, {1024, 1, 1}, 512);
  // Rows that just fill vectors, of whatever numbers, and that are one off; units that leave three of four.
  add("dense_63", 3, {63, 1, 1}, 47);
  add("dense_64", 3, {64, 1, 1}, 47);
  add("dense_65", 3, {65, 1, 1}, 47);
  table.add(Kind::kDense, "dense_relu", 3, {133, 1, 1}, {Dense{.units = 59}, kRelu});
  table.add(Kind::kDense, "flatten_dense", 3, {3, 2, 4}, {Flatten{}, Dense{.units = 5}}).differentiable =
      true;
  table.add(Kind::kDense, "flatten_dense_channels_20", 3, {20, 3, 5}, {Flatten{}, Dense{.units = 33}});
  table.add(Kind::kDense, "flatten_dense_article_fc6", 1, {256, 6, 6}, {Flatten{}, Dense{.units = 256}});
  table.add(Kind::kSoftmax, "dense_softmax", 3, {7, 1, 1}, {Dense{.units = 5}, Softmax{}}).differentiable =
      true;
  table.add(Kind::kSoftmax, "dense_softmax_1000", 3, {33, 1, 1}, {Dense{.units = 1000}, Softmax{}});
  table.add(Kind::kSoftmax, "dense_log_softmax", 3, {7, 1, 1}, {Dense{.units = 5}, Softmax{.log = true}})
      .differentiable = true;
  table.add(Kind::kSoftmax, "log_softmax_alone", 3, {33, 1, 1}, {Softmax{.log = true}});
}

void add_sequences(Table& table) {
  const auto add = [&](const char* name, int batch, Extent input,
                       const std::vector<LayerKind>& layers) -> OpCase& {
    return table.add(Kind::kSequence, name, batch, input, layers);
  };
  const Conv conv{.filters = 20, .kernel = 3, .padding = kSame};
  const Conv wide{.filters = 48, .kernel = 3, .padding = kSame};
  const Dense classes{.units = 10};
  const auto average = Pool{.kind = Pool::Kind::kAverage};

  add("conv_relu", 3, {3, 9, 7}, {conv, kRelu});
  add("conv_tanh", 3, {3, 4, 5}, {Conv{.filters = 4, .kernel = 3, .padding = kSame}, kTanh}).differentiable =
      true;
  add("conv_conv", 3, {3, 9, 7}, {conv, wide});
  add("conv_batch_norm", 3, {3, 9, 7}, {conv, BatchNorm{}});
  add("conv_relu_batch_norm", 3, {16, 9, 7}, {wide, kRelu, BatchNorm{}});
  add("conv_batch_norm_relu", 3, {16, 9, 7}, {wide, BatchNorm{}, kRelu});
  add("conv_relu_pool", 3, {3, 9, 7}, {conv, kRelu, Pool{}});
  add("conv_pool_relu", 3, {3, 9, 7}, {conv, Pool{}, kRelu});
  add("block_article", 3, {3, 19, 17}, {conv, kRelu, BatchNorm{}, Pool{}, Dropout{0.25F}});
  add("block_article_one_image", 1, {3, 19, 17}, {wide, kRelu, BatchNorm{}, Pool{}, Dropout{0.25F}});
  add("block_without_dropout", 3, {16, 11, 11}, {wide, kRelu, BatchNorm{}, Pool{}});
  add("block_without_pool", 3, {16, 7, 7}, {wide, kRelu, BatchNorm{}, Dropout{0.5F}});
  add("block_paper", 3, {3, 19, 17}, {wide, kRelu, Lrn{.alpha = 0.1F}, Pool{}});
  add("block_caffe", 3, {3, 20, 18},
      {wide, kRelu, Pool{.rounding = Pool::Rounding::kCeil},
       Lrn{.k = 1.0F, .alpha = 0.1F, .convention = Lrn::Convention::kMean}});
  add("block_groups_of_blocks", 3, {32, 11, 11},
      {Conv{.filters = 64, .kernel = 5, .padding = explicit_pad(2), .groups = 2}, kRelu, Lrn{.alpha = 0.1F},
       Pool{}});
  add("block_groups", 3, {6, 9, 9},
      {Conv{.filters = 20, .kernel = 3, .padding = kSame, .groups = 2}, kRelu, BatchNorm{}, Pool{}});
  add("block_average_ceil", 3, {3, 10, 12},
      {conv, kRelu, BatchNorm{}, Pool{.kind = Pool::Kind::kAverage, .rounding = Pool::Rounding::kCeil}});
  add("pool_first", 3, {20, 9, 9}, {Pool{}, Dropout{0.25F}, conv, kRelu});
  add("dense_relu_batch_norm_dropout", 5, {100, 1, 1},
      {Dense{.units = 75}, kRelu, BatchNorm{}, Dropout{0.5F}});
  add("dense_relu_dropout_dense", 3, {100, 1, 1}, {Dense{.units = 75}, kRelu, Dropout{0.5F}, classes});
  add("dense_batch_norm_log_softmax", 5, {33, 1, 1}, {Dense{.units = 10}, BatchNorm{}, Softmax{.log = true}});
  add("dense_batch_norm_softmax_small", 5, {7, 1, 1},
      {Dense{.units = 3}, BatchNorm{.epsilon = 0.1F}, Softmax{.log = true}})
      .differentiable = true;
  add("digits", 5, {1, 12, 12},
      {Conv{.filters = 8, .kernel = 3}, Conv{.filters = 16, .kernel = 3}, Conv{.filters = 24, .kernel = 3},
       kRelu, BatchNorm{.epsilon = 1e-2F}, Flatten{}, Dense{.units = 32}, kRelu, Dropout{0.5F}, classes,
       BatchNorm{.epsilon = 1e-2F}, Softmax{.log = true}});
  add("block_rectangle", 3, {16, 9, 11},
      {Conv{.filters = 48, .kernel = {3, 5}, .stride = {1, 2}, .padding = kSame}, kRelu, BatchNorm{},
       Pool{.kernel = {3, 2}, .stride = {2, 1}, .padding = {Padding::Mode::kExplicit, {1, 0, 0, 1}}},
       Dropout{0.25F}});
  add("block_cifar", 3, {16, 9, 11},
      {conv, Pool{.rounding = Pool::Rounding::kCeil}, kRelu,
       Lrn{.size = 3,
           .k = 1.0F,
           .alpha = 0.1F,
           .convention = Lrn::Convention::kMean,
           .region = Lrn::Region::kWithinChannel},
       Pool{.kind = Pool::Kind::kAverage,
            .padding = explicit_pad(1),
            .rounding = Pool::Rounding::kCeil,
            .counts_padding = true}});
  add("dense_dense", 3, {33, 1, 1}, {Dense{.units = 17}, classes});
  add("conv_to_one_pixel_dense", 3, {3, 5, 5},
      {Conv{.filters = 20, .kernel = 5}, kRelu, Flatten{}, classes, Softmax{}});
  add("conv_dropout_flatten_dense", 3, {3, 6, 5}, {conv, kRelu, Dropout{0.5F}, Flatten{}, classes});
  add("smooth_network", 3, {2, 7, 6},
      {Conv{.filters = 4, .kernel = 3, .padding = kSame}, kTanh, BatchNorm{.epsilon = 0.1F}, average,
       Dropout{0.25F}, Flatten{}, Dense{.units = 5}, kSigmoid, BatchNorm{.epsilon = 0.1F}, Dense{.units = 3},
       Softmax{}})
      .differentiable = true;
}

/// The network with every layer's filters and units divided, but the last dense layer's.
NetworkSpec narrowed(NetworkSpec spec, int divisor) {
  for (Layer& layer : spec.layers) {
    if (auto* conv = std::get_if<Conv>(&layer.kind)) conv->filters /= divisor;
    if (auto* dense = std::get_if<Dense>(&layer.kind); dense != nullptr && layer.name != "fc8")
      dense->units /= divisor;
  }
  return spec;
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> list = [] {
    Table table;
    add_convolutions(table);
    add_elementwise(table);
    add_normalisations(table);
    add_poolings(table);
    add_dense(table);
    add_sequences(table);
    table.add_network("article_64_gray", 3, build(64, 64, 1, 10));
    table.add_network("article_narrow_odd", 5, narrowed(build(93, 71, 3, 7), 12));
    table.add_network("article_narrow_one_image", 1, narrowed(build(75, 75, 1, 5), 16));
    return table.take();
  }();
  return list;
}

}  // namespace alexnet::cases
