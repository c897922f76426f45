// One step of a compiled network: one or several layers computed together, forward and backward.
//
// Life: construct -> needs() -> bind_parameter() -> bind() -> forward() / backward() any number
// of times.
#pragma once

#include <cstddef>
#include <string>

#include "engine/compiled_network.h"
#include "engine/cpu/memory/layout.h"

namespace alexnet::cpu {

/// What an operation asks of the memory planner.
struct MemoryNeeds {
  bool keeps_input = false;          // backward() reads the input
  bool keeps_output = false;         // backward() reads the output
  bool forward_in_place = false;     // the output may lie where the input lies
  bool gradient_over_input = false;  // the input's gradient may lie where the input lies
  bool gradient_in_place = false;    // the input's gradient may lie where the output's gradient lies
  std::size_t forward_scratch = 0;   // floats, forgotten after forward()
  std::size_t backward_scratch = 0;  // floats, forgotten after backward()
  std::size_t saved = 0;             // floats, kept from forward() to backward()
};

/// Pointers that are not needed are null.
struct Buffers {
  float* input = nullptr;
  float* output = nullptr;
  float* input_gradient = nullptr;  // null: nobody wants it
  float* output_gradient = nullptr;
  float* forward_scratch = nullptr;
  float* backward_scratch = nullptr;
  float* saved = nullptr;
};

class Operation {
 public:
  Operation(std::string name, Layout input, Layout output)
      : name_(std::move(name)), input_(input), output_(output) {}
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// The layers computed, "conv1+relu1".
  const std::string& name() const { return name_; }
  const Layout& input() const { return input_; }
  const Layout& output() const { return output_; }

  /// How the input's gradient lies.
  virtual Layout input_gradient() const { return input_; }

  virtual MemoryNeeds needs() const = 0;
  virtual void bind(const Buffers& buffers) { memory_ = buffers; }

  /// Floats of a parameter or statistic in this operation's own order.
  virtual std::size_t parameter_count(const ParameterInfo& info) const;
  /// Where a parameter (or statistic) and its gradient are; the gradient is null without training.
  virtual void bind_parameter(const ParameterInfo& info, float* value, float* gradient);
  /// Own order to canonical order and back. By default the same, padding behind.
  virtual void to_canonical(const ParameterInfo& info, const float* own, float* canonical) const;
  virtual void from_canonical(const ParameterInfo& info, const float* canonical, float* own) const;
  /// The parameter may be read in place from canonical memory that nobody writes (bind_view()).
  virtual bool takes_view(const ParameterInfo& /*info*/) const { return false; }
  virtual void bind_view(const ParameterInfo& /*info*/, const TensorView& /*tensor*/) {}
  /// What the kernel's numbers are where forward() reads them. Biases and activations are float32 always.
  virtual Precision kernel_precision() const { return Precision::kFloat32; }

  /// Values of parameters were written.
  virtual void parameters_changed() {}

  virtual void forward(const PassOptions& options) = 0;
  virtual void backward() = 0;

  virtual void begin_statistics() {}
  virtual void finish_statistics() {}

 protected:
  Buffers memory_;

 private:
  std::string name_;
  Layout input_, output_;
};

}  // namespace alexnet::cpu
