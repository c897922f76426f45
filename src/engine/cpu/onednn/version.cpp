#include "engine/cpu/onednn/version.h"

namespace alexnet::cpu {
namespace {

constexpr auto kDirect = dnnl::algorithm::convolution_direct;
constexpr auto kRelu = dnnl::algorithm::eltwise_relu;
constexpr auto kForward = dnnl::prop_kind::forward_training;

}  // namespace

#if DNNL_VERSION_MAJOR >= 3

ForwardDescription describe_forward(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                    const dnnl::primitive_attr& attributes) {
  const auto& [input, weights, bias, output, strides, before, after] = tensors;
  return {engine, kForward, kDirect, input, weights, bias, output, strides, before, after, attributes};
}

WeightsDescription describe_weights_gradient(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                             const dnnl::primitive_attr& attributes,
                                             const ForwardDescription& forward) {
  const auto& [input, weights, bias, output, strides, before, after] = tensors;
  return {engine, kDirect, input, weights, bias, output, strides, before, after, forward, attributes};
}

InputDescription describe_input_gradient(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                         const dnnl::primitive_attr& attributes,
                                         const ForwardDescription& forward) {
  const auto& [input, weights, bias, output, strides, before, after] = tensors;
  return {engine, kDirect, input, weights, output, strides, before, after, forward, attributes};
}

dnnl::post_ops relu_behind() {
  dnnl::post_ops operations;
  operations.append_eltwise(kRelu, 0.0F, 0.0F);
  return operations;
}

#else

ForwardDescription describe_forward(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                    const dnnl::primitive_attr& attributes) {
  const auto& [input, weights, bias, output, strides, before, after] = tensors;
  return {{kForward, kDirect, input, weights, bias, output, strides, before, after}, attributes, engine};
}

WeightsDescription describe_weights_gradient(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                             const dnnl::primitive_attr& attributes,
                                             const ForwardDescription& forward) {
  const auto& [input, weights, bias, output, strides, before, after] = tensors;
  return {{kDirect, input, weights, bias, output, strides, before, after}, attributes, engine, forward};
}

InputDescription describe_input_gradient(const dnnl::engine& engine, const ConvolutionTensors& tensors,
                                         const dnnl::primitive_attr& attributes,
                                         const ForwardDescription& forward) {
  const auto& [input, weights, bias, output, strides, before, after] = tensors;
  return {{kDirect, input, weights, output, strides, before, after}, attributes, engine, forward};
}

dnnl::post_ops relu_behind() {
  dnnl::post_ops operations;
  operations.append_eltwise(1.0F, kRelu, 0.0F, 0.0F);
  return operations;
}

#endif

}  // namespace alexnet::cpu
