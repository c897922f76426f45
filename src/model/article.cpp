// The article's network, line for line beside its Keras code.
#include <initializer_list>

#include "alexnet/error.h"
#include "alexnet/network.h"

namespace alexnet {
namespace {

constexpr Padding kSame{Padding::Mode::kSame, 0};

/// Appends layers whose names end in the number of their block: conv1, relu1, bn1, ...
class Blocks {
 public:
  explicit Blocks(NetworkSpec& spec, float l2) : spec_(spec), l2_(l2) {}

  void conv(int block, int filters, int kernel, int stride = 1) {
    add("conv", block,
        Conv{.filters = filters, .kernel = kernel, .stride = stride, .padding = kSame, .l2 = l2_});
    add("relu", block, Activation{Activation::Kind::kRelu});
    add("bn", block, BatchNorm{});
  }
  void pool(int block) {
    add("pool", block, Pool{});
    add("drop", block, Dropout{0.25F});
  }
  void dense(int block, int units) {
    add("fc", block, Dense{.units = units, .l2 = l2_});
    add("relu", block, Activation{Activation::Kind::kRelu});
    add("bn", block, BatchNorm{});
    add("drop", block, Dropout{0.5F});
  }
  void classifier(int block, int classes) {
    add("fc", block, Dense{.units = classes, .l2 = l2_});
    spec_.layers.push_back({"prob", Softmax{}});
  }
  void flatten() { spec_.layers.push_back({"flatten", Flatten{}}); }

 private:
  void add(const char* kind, int block, LayerKind layer) {
    spec_.layers.push_back({kind + std::to_string(block), layer});
  }
  NetworkSpec& spec_;
  float l2_;
};

}  // namespace

NetworkSpec build(int width, int height, int depth, int classes, double reg) {
  if (width < 1 || height < 1 || depth < 1)
    throw UsageError("input", "width, height and depth must be at least 1");
  if (classes < 1) throw UsageError("classes", "must be at least 1");
  if (!(reg >= 0.0)) throw UsageError("l2", "must be 0 or more");
  NetworkSpec spec{"article", {depth, height, width}, {}};
  Blocks blocks(spec, static_cast<float>(reg));
  blocks.conv(1, 96, 11, 4);
  blocks.pool(1);
  blocks.conv(2, 256, 5);
  blocks.pool(2);
  blocks.conv(3, 384, 3);
  blocks.conv(4, 384, 3);
  blocks.conv(5, 256, 3);
  blocks.pool(5);
  blocks.flatten();
  blocks.dense(6, 4096);
  blocks.dense(7, 4096);
  blocks.classifier(8, classes);
  output_shapes(spec);  // throws when the image is too small
  return spec;
}

}  // namespace alexnet
