// oneDNN's convolutions. This folder is all of the engine that includes oneDNN.
#pragma once

#include <cstddef>
#include <memory>

#include "alexnet/network.h"
#include "engine/cpu/memory/layout.h"

namespace alexnet::cpu {

struct ConvGeometry {
  Layout input, output;
  int groups = 1;
  Size2 kernel = 1, stride = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  bool has_unit_stride() const { return stride == Size2(1); }
};

/// Whether a convolution of this geometry would rather read its input as plain NCHW (the first convolution
/// of a network, with one or three channels, does).
bool prefers_plain_input(const ConvGeometry& geometry);

/// Whether oneDNN has a kernel for a convolution of this geometry, forward and backward, and not just plain
/// loops.
bool convolves_fast(const ConvGeometry& geometry);

/// Channels to a block of activations that oneDNN has kernels for on this processor: 16 where it has some for
/// such blocks (with AVX-512, and with SVE of 512 bits), else 8.
int activation_block();

/// What the primitives of one convolution work on; scratch is work space of forward_scratch_count() and
/// backward_scratch_count() floats.
struct ConvBuffers {
  float* input = nullptr;
  float* output = nullptr;
  float* weights = nullptr;
  float* bias = nullptr;
  float* input_gradient = nullptr;  // blocked, whatever the input is
  float* output_gradient = nullptr;
  float* weights_gradient = nullptr;
  float* bias_gradient = nullptr;
  float* forward_scratch = nullptr;
  float* backward_scratch = nullptr;
};

/// A convolution in three directions. Weights and their gradients are in the order of weights the forward
/// direction prefers, padded with zeros. Threads take some images at a time, each with primitives of its own,
/// or slices of the output's channels where there are few images: oneDNN's own way of sharing work out waits
/// for threads that do not run.
class OnednnConvolution {
 public:
  struct Plan {
    bool relu = false;                 // forward ends in max(0, .)
    bool parameter_gradients = false;  // those of weights and bias wanted
    bool input_gradient = false;       // the input's wanted
    bool bf16 = false;                 // inference only: input and weights are rounded, sums are float32
  };
  OnednnConvolution(const ConvGeometry& geometry, const Plan& plan);
  ~OnednnConvolution();

  std::size_t weights_count() const;
  std::size_t forward_scratch_count() const;
  std::size_t backward_scratch_count() const;
  void to_canonical(const float* own, float* canonical) const;
  void from_canonical(const float* canonical, float* own) const;

  void bind(const ConvBuffers& buffers);
  void forward();
  void backward_weights();
  void backward_data();

 private:
  struct Size;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace alexnet::cpu
