#include "engine/cpu/operations/lrn.h"

#include "base/parallel.h"
#include "engine/cpu/kernels/simd/lrn.h"

namespace alexnet::cpu {
namespace {

class AcrossChannels final : public Operation {
 public:
  AcrossChannels(std::string name, Layout layout, const Lrn& lrn, bool training)
      : Operation(std::move(name), layout, layout), training_(training) {
    const auto size = static_cast<std::size_t>(lrn.size);
    row_.block = layout.block;
    row_.channels = static_cast<std::size_t>(layout.blocks()) * static_cast<std::size_t>(layout.block);
    row_.pixels = static_cast<std::size_t>(layout.extent.width);
    row_.plane = layout.pixels() * static_cast<std::size_t>(layout.block);
    // An even window reaches one channel further down than up, as PyTorch's does.
    row_.below = size / 2;
    row_.above = (size - 1) / 2;
    row_.k = lrn.k;
    row_.alpha =
        lrn.convention == Lrn::Convention::kMean ? lrn.alpha / static_cast<float>(lrn.size) : lrn.alpha;
    row_.beta = lrn.beta;
  }

  MemoryNeeds needs() const override {
    MemoryNeeds needs;
    const std::size_t rows =
        static_cast<std::size_t>(input().batch) * static_cast<std::size_t>(input().extent.height);
    needs.keeps_input = training_;
    needs.forward_scratch = rows * line();
    needs.backward_scratch = training_ ? rows * line() : 0;
    return needs;
  }

  void forward(const PassOptions& /*options*/) override {
    each_row(memory_.forward_scratch, [&](LrnRow& row, std::size_t at) {
      row.result = memory_.output + at;
      lrn_forward(row);
    });
    clear_padding(output(), memory_.output);
  }

  void backward() override {
    if (memory_.input_gradient == nullptr) return;
    each_row(memory_.backward_scratch, [&](LrnRow& row, std::size_t at) {
      row.dy = memory_.output_gradient + at;
      row.result = memory_.input_gradient + at;
      lrn_backward(row);
    });
    clear_padding(input(), memory_.input_gradient);
  }

 private:
  std::size_t line() const { return lrn_line(row_.channels, row_.below, row_.above); }

  template <class Body>
  void each_row(float* scratch, Body&& body) const {
    const std::int64_t height = input().extent.height;
    parallel_for(input().batch * height, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::size_t at =
            static_cast<std::size_t>(i / height) * input().image() +
            static_cast<std::size_t>(i % height) * row_.pixels * static_cast<std::size_t>(row_.block);
        LrnRow row = row_;
        row.x = memory_.input + at;
        row.line = scratch + static_cast<std::size_t>(i) * line();
        body(row, at);
      }
    });
  }

  LrnRow row_;
  bool training_;
};

class WithinChannel final : public Operation {
 public:
  WithinChannel(std::string name, Layout layout, const Lrn& lrn, bool training)
      : Operation(std::move(name), layout, layout), training_(training) {
    plane_.block = layout.block;
    plane_.height = layout.extent.height;
    plane_.width = layout.extent.width;
    plane_.before = lrn.size / 2;
    plane_.behind = (lrn.size - 1) / 2;
    plane_.k = lrn.k;
    const auto size = static_cast<float>(lrn.size);
    plane_.alpha = lrn.convention == Lrn::Convention::kMean ? lrn.alpha / (size * size) : lrn.alpha;
    plane_.beta = lrn.beta;
  }

  MemoryNeeds needs() const override {
    MemoryNeeds needs;
    needs.keeps_input = training_;
    needs.backward_scratch = training_ ? input().count() : 0;
    return needs;
  }

  void forward(const PassOptions& /*options*/) override {
    each_plane([&](LrnPlane& plane, std::size_t at) {
      plane.result = memory_.output + at;
      lrn_forward(plane);
    });
    clear_padding(output(), memory_.output);
  }

  void backward() override {
    if (memory_.input_gradient == nullptr) return;
    each_plane([&](LrnPlane& plane, std::size_t at) {
      plane.dy = memory_.output_gradient + at;
      plane.terms = memory_.backward_scratch + at;
      plane.result = memory_.input_gradient + at;
      lrn_backward(plane);
    });
    clear_padding(input(), memory_.input_gradient);
  }

 private:
  template <class Body>
  void each_plane(Body&& body) const {
    const std::size_t size = input().pixels() * static_cast<std::size_t>(input().block);
    parallel_for(std::int64_t{input().batch} * input().blocks(), 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
                     LrnPlane plane = plane_;
                     plane.x = memory_.input + i * size;
                     body(plane, i * size);
                   }
                 });
  }

  LrnPlane plane_;
  bool training_;
};

}  // namespace

std::unique_ptr<Operation> make_lrn(std::string name, Layout layout, const Lrn& lrn, bool training) {
  if (lrn.region == Lrn::Region::kWithinChannel)
    return std::make_unique<WithinChannel>(std::move(name), layout, lrn, training);
  return std::make_unique<AcrossChannels>(std::move(name), layout, lrn, training);
}

}  // namespace alexnet::cpu
