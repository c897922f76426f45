// Convolution as products of bf16 matrices with float32 sums, on Intel's AMX tiles: kernels of any size.
//
// Images lie side by side in one line of pixels, each row followed by the zeros that its windows need. Then
// the windows' pixels for one place in the kernel are the line itself, shifted: 16 pixels of 32 channels,
// wherever they begin, are a tile, and no pixel is copied for its neighbours' sake. Results between rows and
// images mean nothing and are left out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/cpu/convolution/unit_stride_algorithm.h"

namespace alexnet::cpu {

class AmxConvolution final : public UnitStrideAlgorithm {
 public:
  /// Blocks of 16 channels on both sides.
  explicit AmxConvolution(const UnitStrideShape& shape);

  std::size_t transformed_size() const override;
  std::size_t workspace_size() const override;
  std::size_t gradient_workspace_size() const override;
  void transform_weights(const float* weights, float* transformed) const override;
  void forward(const float* x, const float* gate, const float* transformed, const float* bias, bool relu,
               float* y, float* workspace) const override;
  void backward_weights(const float* x, const float* y_gradient, const float* gate, float* weights_gradient,
                        float* bias_gradient, float* workspace) const override;

 private:
  /// What some images of the batch become. Rows of a tile's operand are pixels of it.
  struct Line {
    Line(const UnitStrideShape& shape, int count);
    int images;
    std::int64_t pixels, reach;        // with results; and with what their windows reach
    std::vector<std::int32_t> source;  // [reach]: where each pixel's input lies; -1: a zero
    std::vector<std::int32_t> result;  // [pixels]: where each pixel's output lies; -1: nowhere
    std::vector<std::int64_t> window;  // steps of TileProduct: over windows
  };
  struct Images;
  struct Operands;
  /// Lines of the batch, and the images of one.
  std::int64_t lines() const;
  Images images_of(std::int64_t line) const;
  /// Floats of work space for one line, of forward() and of backward_weights().
  std::size_t line_size() const;
  std::size_t gradient_line_size() const;
  Operands operands(std::int64_t line, float* workspace) const;

  Line line_;
  std::optional<Line> last_;         // where the batch is no multiple of line_'s images
  std::int64_t row_;                 // bf16 numbers from channel to channel of a line
  std::vector<std::int64_t> along_;  // steps of TileProduct: along a line
};

}  // namespace alexnet::cpu
