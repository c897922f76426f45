// The difference between oneDNN 2 and 3, which describe primitives in different words. Nothing else depends
// on the version.
#pragma once

#include <dnnl.hpp>

namespace alexnet::cpu {

/// A direct convolution: its tensors, strides, and the zeros before and after its input.
struct ConvolutionTensors {
  dnnl::memory::desc input, weights, bias, output;
  dnnl::memory::dims strides, before, after;
};

using ForwardDescription = dnnl::convolution_forward::primitive_desc;
using WeightsDescription = dnnl::convolution_backward_weights::primitive_desc;
using InputDescription = dnnl::convolution_backward_data::primitive_desc;

/// Output from input, weights and bias.
ForwardDescription describe_forward(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                    const dnnl::primitive_attr& attributes);
/// Gradients of weights and bias from the input and the output's gradient.
WeightsDescription describe_weights_gradient(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                             const dnnl::primitive_attr& attributes,
                                             const ForwardDescription& forward);
/// The input's gradient from the weights and the output's gradient.
InputDescription describe_input_gradient(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                         const dnnl::primitive_attr& attributes,
                                         const ForwardDescription& forward);

/// max(0, .) behind what the primitive computes.
dnnl::post_ops relu_behind();

}  // namespace alexnet::cpu
