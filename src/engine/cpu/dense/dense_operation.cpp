#include "engine/cpu/dense/dense_operation.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <span>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "engine/cpu/kernels/simd/dense.h"
#include "engine/cpu/kernels/simd/elementwise.h"
#include "engine/cpu/onednn/matrix_product.h"

namespace alexnet::cpu {
namespace {

/// The largest whole number for inputs, so that multiply_few_whole()'s sums fit.
int largest_input(std::size_t in) {
  const std::int64_t places = static_cast<std::int64_t>(in) / 4 + 1;
  return static_cast<int>(std::min<std::int64_t>(16383, ((std::int64_t{1} << 31) - 1) / (127 * places)));
}

/// What parallel_for()'s threads do when a product could not be computed: they must not throw.
class Failures {
 public:
  void note_unless(bool computed) {
    if (!computed) any_ = true;
  }
  /// DeviceError when there were any.
  void check() const {
    if (any_)
      throw DeviceError("memory", "not enough is left for the products of fully connected layers",
                        "close other programs, or use a smaller --batch");
  }

 private:
  std::atomic<bool> any_ = false;
};

/// body(begin, end) for eighths of [0, count), side by side: whatever the number of threads, because oneDNN
/// adds up in an order that depends on the size of a product. Not more of them: each rearranges the other
/// matrix anew.
template <class Body>
void split_product(std::size_t count, Body&& body) {
  constexpr std::int64_t kPieces = 8, kUnit = 64;
  const auto all = static_cast<std::int64_t>(count);
  const std::int64_t piece = std::max(kUnit, (all / kPieces + kUnit - 1) / kUnit * kUnit);
  parallel_for((all + piece - 1) / piece, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(i * piece, std::min((i + 1) * piece, all));
  });
}

}  // namespace

DenseOperation::DenseOperation(std::string name, Layout input, Layout output, const DensePlan& plan)
    : Operation(std::move(name), input, output),
      plan_(plan),
      batch_(static_cast<std::size_t>(input.batch)),
      in_(static_cast<std::size_t>(input.extent.channels)),
      units_(static_cast<std::size_t>(output.extent.channels)) {
  if (plan_.forward == DenseProduct::kTiles)
    tiles_.emplace(batch_, in_, units_, input.image(), output.image());
}

MemoryNeeds DenseOperation::needs() const {
  MemoryNeeds needs;
  needs.keeps_input = plan_.parameter_gradients;
  needs.keeps_output = plan_.training && plan_.masks_relu;
  if (plan_.weights == Precision::kInt8) needs.forward_scratch = batch_ * (in_ + 1) / 2;  // 16 bits each
  if (tiles_) needs.forward_scratch = tiles_->workspace_size();
  if (tiles_ && plan_.training) needs.backward_scratch = tiles_->gradient_workspace_size();
  return needs;
}

std::size_t DenseOperation::parameter_count(const ParameterInfo& info) const {
  return info.role == Role::kKernel ? units_ * in_ : output().image();
}

void DenseOperation::bind_parameter(const ParameterInfo& info, float* value, float* gradient) {
  if (info.role == Role::kKernel) {
    weights_ = value;
    weights_gradient_ = gradient;
  } else {
    bias_ = value;
    bias_gradient_ = gradient;
  }
}

void DenseOperation::bind_view(const ParameterInfo& /*info*/, const TensorView& tensor) {
  weights_ = tensor.values.data();
  if (plan_.weights == Precision::kBf16) halves_ = shared_bf16(tensor);
  if (plan_.weights == Precision::kInt8) bytes_ = shared_bytes(tensor, units_);
}

void DenseOperation::multiply_bytes() {
  const std::size_t x_row = input().image(), y_row = output().image();
  auto* whole = reinterpret_cast<std::int16_t*>(memory_.forward_scratch);
  std::array<float, kReadingBound> scales{};
  for (std::size_t row = 0; row < batch_; ++row)
    scales[row] = round_to_whole({memory_.input + row * x_row, in_}, largest_input(in_), whole + row * in_);
  parallel_for(static_cast<std::int64_t>(units_), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t row = 0; row < batch_; row += kFewRows)
      multiply_few_whole(whole + row * in_, in_, std::min(kFewRows, batch_ - row), bytes_->values.data(), in_,
                         memory_.output + row * y_row, y_row, static_cast<std::size_t>(begin),
                         static_cast<std::size_t>(end));
    for (std::size_t row = 0; row < batch_; ++row)
      for (std::int64_t u = begin; u < end; ++u)
        memory_.output[row * y_row + static_cast<std::size_t>(u)] *=
            scales[row] * bytes_->scales[static_cast<std::size_t>(u)];
  });
}

void DenseOperation::multiply_floats() {
  const std::size_t x_row = input().image(), y_row = output().image();
  const WeightRows weights = halves_ == nullptr ? WeightRows(weights_) : WeightRows(halves_->data());
  if (tiles_) {
    tiles_->forward(memory_.input, weights, memory_.output, memory_.forward_scratch);
  } else if (plan_.forward == DenseProduct::kSmallBatch) {
    parallel_for(static_cast<std::int64_t>(units_), 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::size_t row = 0; row < batch_; row += kFewRows)
        multiply_few(memory_.input + row * x_row, x_row, std::min(kFewRows, batch_ - row), weights, in_,
                     memory_.output + row * y_row, y_row, static_cast<std::size_t>(begin),
                     static_cast<std::size_t>(end));
    });
  } else {
    // Each thread its own units: oneDNN's own way of sharing this product out is half as fast.
    Failures failures;
    split_product(units_, [&](std::int64_t begin, std::int64_t end) {
      failures.note_unless(
          multiply({memory_.input, x_row}, {weights_ + static_cast<std::size_t>(begin) * in_, in_, true},
                   memory_.output + begin, y_row, batch_, static_cast<std::size_t>(end - begin), in_));
    });
    failures.check();
  }
}

void DenseOperation::forward(const PassOptions& /*options*/) {
  bytes_ == nullptr ? multiply_floats() : multiply_bytes();
  const std::size_t y_row = output().image();
  const float min = plan_.relu ? 0.0F : -std::numeric_limits<float>::infinity();
  parallel_for(static_cast<std::int64_t>(batch_), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      float* y = memory_.output + static_cast<std::size_t>(row) * y_row;
      for (std::size_t u = 0; u < units_; ++u) {
        const float sum = y[u] + bias_[u];
        y[u] = sum < min ? min : sum;  // NaN stays
      }
      std::fill(y + units_, y + y_row, 0.0F);
    }
  });
}

void DenseOperation::backward_parameters() {
  const std::size_t x_row = input().image(), y_row = output().image();
  const float* dy = memory_.output_gradient;
  Failures failures;
  if (tiles_)
    tiles_->backward_weights(memory_.input, dy, weights_gradient_, memory_.backward_scratch);
  else
    split_product(units_, [&](std::int64_t begin, std::int64_t end) {
      failures.note_unless(multiply({dy + begin, y_row, true}, {memory_.input, x_row},
                                    weights_gradient_ + static_cast<std::size_t>(begin) * in_, in_,
                                    static_cast<std::size_t>(end - begin), in_, batch_));
    });
  failures.check();
  parallel_for(static_cast<std::int64_t>(y_row), 256, [&](std::int64_t begin, std::int64_t end) {
    std::fill(bias_gradient_ + begin, bias_gradient_ + end, 0.0F);
    for (std::size_t row = 0; row < batch_; ++row)
      for (std::int64_t u = begin; u < end; ++u)
        bias_gradient_[u] += dy[row * y_row + static_cast<std::size_t>(u)];
  });
}

void DenseOperation::backward_input() {
  const std::size_t x_row = input().image(), y_row = output().image();
  const float* dy = memory_.output_gradient;
  float* dx = memory_.input_gradient;
  Failures failures;
  // Columns [begin, end) of the product.
  const auto by_onednn = [&](std::int64_t begin, std::int64_t end) {
    failures.note_unless(multiply({dy, y_row}, {weights_ + begin, in_}, dx + begin, x_row, batch_,
                                  static_cast<std::size_t>(end - begin), units_));
  };
  const auto in = static_cast<std::int64_t>(in_);
  std::int64_t done = in / 16 * 16;
  if (tiles_) {
    tiles_->backward_data(dy, weights_, dx, memory_.backward_scratch);
  } else if (plan_.backward == DenseProduct::kOnednn) {
    split_product(in_, by_onednn);
    done = in;
  } else {
    parallel_for(done / 16, 4, [&](std::int64_t begin, std::int64_t end) {
      multiply_columns(dy, y_row, batch_, weights_, in_, units_, dx, x_row,
                       static_cast<std::size_t>(begin) * 16, static_cast<std::size_t>(end) * 16);
    });
  }
  if (done < in) by_onednn(done, in);
  failures.check();
}

void DenseOperation::backward() {
  const std::size_t x_row = input().image();
  float* dy = memory_.output_gradient;
  if (plan_.masks_relu) mask_relu(memory_.output, dy, output().count());
  if (plan_.parameter_gradients) backward_parameters();
  if (!plan_.input_gradient) return;
  backward_input();
  for (std::size_t row = 0; row < batch_ && in_ < x_row; ++row)
    std::fill(memory_.input_gradient + row * x_row + in_, memory_.input_gradient + (row + 1) * x_row, 0.0F);
}

}  // namespace alexnet::cpu
