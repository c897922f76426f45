#include "engine/cpu/operations/average_pool.h"

#include <algorithm>

#include "base/parallel.h"
#include "model/geometry.h"

namespace alexnet::cpu {
namespace {

class AveragePool final : public Operation {
 public:
  AveragePool(std::string name, Layout input, Layout output, const Pool& pool)
      : Operation(std::move(name), input, output), pool_(pool), windows_(windows(input.extent, pool)) {}

  MemoryNeeds needs() const override { return {}; }

  void forward(const PassOptions& /*options*/) override {
    const auto block = static_cast<std::size_t>(input().block);
    each_plane([&](std::size_t in_plane, std::size_t out_plane) {
      each_window([&](std::size_t pixel, const Range& rows, const Range& columns, float weight) {
        float* y = memory_.output + out_plane + pixel * block;
        std::fill_n(y, block, 0.0F);
        each_pixel(rows, columns, [&](std::size_t at) {
          const float* x = memory_.input + in_plane + at * block;
          for (std::size_t c = 0; c < block; ++c) y[c] += x[c];
        });
        for (std::size_t c = 0; c < block; ++c) y[c] *= weight;
      });
    });
  }

  void backward() override {
    if (memory_.input_gradient == nullptr) return;
    const auto block = static_cast<std::size_t>(input().block);
    each_plane([&](std::size_t in_plane, std::size_t out_plane) {
      std::fill_n(memory_.input_gradient + in_plane, input().pixels() * block, 0.0F);
      each_window([&](std::size_t pixel, const Range& rows, const Range& columns, float weight) {
        const float* dy = memory_.output_gradient + out_plane + pixel * block;
        each_pixel(rows, columns, [&](std::size_t at) {
          float* dx = memory_.input_gradient + in_plane + at * block;
          for (std::size_t c = 0; c < block; ++c) dx[c] += weight * dy[c];
        });
      });
    });
  }

 private:
  struct Range {
    int first, last;
    int count() const { return std::max(last - first, 0); }
  };

  /// Calls body(start of a block of channels of an image in the input, in the output).
  template <class Body>
  void each_plane(Body&& body) const {
    const std::size_t in_plane = input().pixels() * static_cast<std::size_t>(input().block),
                      out_plane = output().pixels() * static_cast<std::size_t>(input().block);
    parallel_for(std::int64_t{input().batch} * input().blocks(), 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
                     body(i * in_plane, i * out_plane);
                 });
  }

  /// One axis of a window: the pixels inside the image, and how many count in the mean.
  struct Part {
    Range inside;
    int counted;
  };
  Part part(int position, int kernel, int stride, const Window& window, int size) const {
    const int start = position * stride - window.pad_before, end = start + kernel;
    const Range inside{std::max(start, 0), std::min(end, size)};
    return {inside,
            pool_.counts_padding ? std::min(end, size + window.border_after) - start : inside.count()};
  }

  /// Calls body(output pixel, rows and columns inside the image, 1 / how many pixels count).
  template <class Body>
  void each_window(Body&& body) const {
    std::size_t pixel = 0;
    for (int oy = 0; oy < output().extent.height; ++oy) {
      const Part rows =
          part(oy, pool_.kernel.height, pool_.stride.height, windows_.rows, input().extent.height);
      for (int ox = 0; ox < output().extent.width; ++ox) {
        const Part columns =
            part(ox, pool_.kernel.width, pool_.stride.width, windows_.columns, input().extent.width);
        const std::int64_t counted = std::int64_t{rows.counted} * columns.counted;
        body(pixel++, rows.inside, columns.inside, counted == 0 ? 0.0F : 1.0F / static_cast<float>(counted));
      }
    }
  }

  template <class Body>
  void each_pixel(const Range& rows, const Range& columns, Body&& body) const {
    const auto width = static_cast<std::size_t>(input().extent.width);
    for (int y = rows.first; y < rows.last; ++y)
      for (int x = columns.first; x < columns.last; ++x)
        body(static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x));
  }

  Pool pool_;
  Windows windows_;
};

}  // namespace

std::unique_ptr<Operation> make_average_pool(std::string name, Layout input, Layout output,
                                             const Pool& pool) {
  return std::make_unique<AveragePool>(std::move(name), input, output, pool);
}

}  // namespace alexnet::cpu
