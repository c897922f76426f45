// Kernels over plain runs of values.
#pragma once

#include <cstddef>

namespace alexnet::cpu {

/// gradient = 0 wherever a ReLU's output is not positive.
void mask_relu(const float* output, float* gradient, std::size_t count);

/// y = f(x), value by value; they may be the same memory.
void relu(const float* x, float* y, std::size_t count);
void tanh(const float* x, float* y, std::size_t count);
void sigmoid(const float* x, float* y, std::size_t count);
/// dx = dy * f'(x), from y = f(x); dx may be dy or y.
void relu_gradient(const float* y, const float* dy, float* dx, std::size_t count);
void tanh_gradient(const float* y, const float* dy, float* dx, std::size_t count);
void sigmoid_gradient(const float* y, const float* dy, float* dx, std::size_t count);

}  // namespace alexnet::cpu
