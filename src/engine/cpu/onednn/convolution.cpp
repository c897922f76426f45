#include "engine/cpu/onednn/convolution.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/error.h"
#include "engine/cpu/onednn/version.h"

namespace alexnet::cpu {
namespace {

using dnnl::memory;
using Descriptor = memory::desc;
using Dims = memory::dims;
using Tag = memory::format_tag;
using Type = memory::data_type;
constexpr auto kFloat = Type::f32;

const dnnl::engine& engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

/// One per thread: oneDNN promises nothing of a stream that several use at once.
dnnl::stream& stream() {
  thread_local dnnl::stream instance(engine());
  return instance;
}

/// Runs `body`, with oneDNN's errors as ours.
template <class Body>
auto guarded(const char* doing, Body&& body) {
  try {
    return body();
  } catch (const dnnl::error& error) {
    const std::string why = std::string(doing) + " failed: " + error.what();
    if (error.status == dnnl_out_of_memory)
      throw DeviceError("memory", why, "use a smaller --batch or --size");
    throw DeviceError("oneDNN", why);
  }
}

std::size_t floats(const Descriptor& descriptor) { return (descriptor.get_size() + 3) / 4; }

Descriptor activation(const Layout& layout, bool plain, Type type = kFloat) {
  const Tag tag = plain ? Tag::nchw : layout.block == 16 ? Tag::nChw16c : Tag::nChw8c;
  return {{layout.batch, layout.extent.channels, layout.extent.height, layout.extent.width}, type, tag};
}

Descriptor weights(const ConvGeometry& geometry, Tag grouped, Tag ungrouped, Type type = kFloat) {
  const int g = geometry.groups, k = geometry.kernel;
  const int in = geometry.input.extent.channels / g, out = geometry.output.extent.channels / g;
  if (g > 1) return {{g, out, in, k, k}, type, grouped};
  return {{out, in, k, k}, type, ungrouped};
}

dnnl::primitive_attr own_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// The three directions' descriptions. Activations are as asked; weights as each direction prefers, unless
/// `weights_order` says.
struct Descriptions {
  explicit Descriptions(const ConvGeometry& geometry, bool bf16 = false)
      : strides{geometry.stride, geometry.stride},
        before{geometry.pad_top, geometry.pad_left},
        after{geometry.pad_bottom, geometry.pad_right},
        input(activation(geometry.input, geometry.input.block == 1)),
        source(activation(geometry.input, geometry.input.block == 1, bf16 ? Type::bf16 : kFloat)),
        output(activation(geometry.output, false)),
        any_weights(weights(geometry, Tag::any, Tag::any, bf16 ? Type::bf16 : kFloat)),
        bias({geometry.output.extent.channels}, kFloat, Tag::x) {}

  ConvolutionTensors tensors(const Descriptor& from, const Descriptor& weights) const {
    return {from, weights, bias, output, strides, before, after};
  }

  ForwardDescription forward(const Descriptor& from, bool relu) const {
    dnnl::primitive_attr attributes = own_scratch();
    if (relu) attributes.set_post_ops(relu_behind());
    return describe_forward(engine(), tensors(from, any_weights), attributes);
  }

  WeightsDescription weights_gradient(const Descriptor& own_weights,
                                      const ForwardDescription& forward) const {
    return describe_weights_gradient(engine(), tensors(input, own_weights), own_scratch(), forward);
  }

  InputDescription input_gradient(const Descriptor& to, const ForwardDescription& forward) const {
    return describe_input_gradient(engine(), tensors(to, any_weights), own_scratch(), forward);
  }

  Dims strides, before, after;
  Descriptor input;   // as it lies
  Descriptor source;  // as it is multiplied: `input`, or its copy in bf16
  Descriptor output, any_weights, bias;
};

/// A primitive with its memory and arguments, made once: the C++ interface would make them for every run.
class Bound {
 public:
  Bound() = default;
  explicit Bound(const dnnl::primitive& primitive) : primitive_(primitive) {}

  Bound& with(int argument, const Descriptor& descriptor, float* data) {
    memories_.emplace_back(descriptor, engine(), data);
    arguments_.push_back({argument, memories_.back().get()});
    return *this;
  }
  void run() const {
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream().get(),
                                                   static_cast<int>(arguments_.size()), arguments_.data()),
                            "a primitive did not run");
    stream().wait();
  }

 private:
  dnnl::primitive primitive_;
  std::vector<memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace

bool prefers_plain_input(const ConvGeometry& geometry) {
  return guarded("describing a convolution", [&] {
    const Descriptions describe(geometry);
    const Layout& layout = geometry.input;
    const Descriptor any({layout.batch, layout.extent.channels, layout.extent.height, layout.extent.width},
                         kFloat, Tag::any);
    return describe.forward(any, false).src_desc() == activation(layout, true);
  });
}

bool convolves_fast(const ConvGeometry& geometry) {
  return guarded("describing a convolution", [&] {
    const Descriptions describe(geometry);
    const auto forward = describe.forward(describe.source, false);
    const WeightsDescription backward = describe.weights_gradient(forward.weights_desc(), forward);
    const auto is_fast = [](const char* kernel) { return !std::string_view(kernel).starts_with("ref"); };
    return is_fast(forward.impl_info_str()) && is_fast(backward.impl_info_str());
  });
}

struct OnednnConvolution::State {
  State(const ConvGeometry& shape, const Plan& wanted)
      : geometry(shape),
        plan(wanted),
        describe(shape, plan.bf16),
        forward_description(describe.forward(describe.source, plan.relu)) {
    own_weights = forward_description.weights_desc();
    canonical = weights(geometry, Tag::goihw, Tag::oihw);
    if (plan.bf16) rounded_count = (floats(describe.source) + 15) / 16 * 16;
    forward_scratch = rounded_count + floats(forward_description.scratchpad_desc());
    if (plan.parameter_gradients) {
      // Gradients in the weights' order, whatever this direction would prefer: the optimizer walks both.
      weights_description = describe.weights_gradient(own_weights, forward_description);
      backward_scratch = floats(weights_description.scratchpad_desc());
    }
    if (plan.input_gradient) {
      Layout blocked = geometry.input;
      blocked.block = geometry.output.block;
      blocked_input = activation(blocked, false);
      data_description = describe.input_gradient(blocked_input, forward_description);
      const Descriptor wanted_weights = data_description.weights_desc();
      reordered = wanted_weights != own_weights;
      if (reordered) reordered_count = (floats(wanted_weights) + 15) / 16 * 16;
      backward_scratch =
          std::max(backward_scratch, reordered_count + floats(data_description.scratchpad_desc()));
    }
  }

  ConvGeometry geometry;
  Plan plan;
  Descriptions describe;
  ForwardDescription forward_description;
  WeightsDescription weights_description;
  InputDescription data_description;
  Descriptor own_weights, canonical, blocked_input;
  bool reordered = false;  // backward_data wants weights in another order, made in its scratch
  std::size_t forward_scratch = 0, backward_scratch = 0, reordered_count = 0;
  std::size_t rounded_count = 0;  // floats of the forward scratch that hold the input in bf16
  Bound round, forward, backward_weights, reorder, backward_data;
};

OnednnConvolution::OnednnConvolution(const ConvGeometry& geometry, const Plan& plan)
    : state_(guarded("planning a convolution", [&] { return std::make_unique<State>(geometry, plan); })) {}
OnednnConvolution::~OnednnConvolution() = default;

std::size_t OnednnConvolution::weights_count() const { return floats(state_->own_weights); }
std::size_t OnednnConvolution::forward_scratch_count() const { return state_->forward_scratch; }
std::size_t OnednnConvolution::backward_scratch_count() const { return state_->backward_scratch; }

void OnednnConvolution::to_canonical(const float* own, float* canonical) const {
  guarded("reordering weights", [&] {
    memory from(state_->own_weights, engine(), const_cast<float*>(own));
    memory to(state_->canonical, engine(), canonical);
    dnnl::reorder(from, to).execute(stream(), from, to);
    stream().wait();
  });
}

void OnednnConvolution::from_canonical(const float* canonical, float* own) const {
  guarded("reordering weights", [&] {
    memory from(state_->canonical, engine(), const_cast<float*>(canonical));
    memory to(state_->own_weights, engine(), own);
    dnnl::reorder(from, to).execute(stream(), from, to);
    stream().wait();
  });
}

void OnednnConvolution::bind(const ConvBuffers& buffers) {
  State& s = *state_;
  guarded("preparing a convolution", [&] {
    float* source = s.plan.bf16 ? buffers.forward_scratch : buffers.input;
    if (s.plan.bf16)
      s.round = Bound(dnnl::reorder(dnnl::reorder::primitive_desc(engine(), s.describe.input, engine(),
                                                                  s.describe.source)))
                    .with(DNNL_ARG_FROM, s.describe.input, buffers.input)
                    .with(DNNL_ARG_TO, s.describe.source, source);
    s.forward = Bound(dnnl::convolution_forward(s.forward_description))
                    .with(DNNL_ARG_SRC, s.describe.source, source)
                    .with(DNNL_ARG_WEIGHTS, s.own_weights, buffers.weights)
                    .with(DNNL_ARG_BIAS, s.describe.bias, buffers.bias)
                    .with(DNNL_ARG_DST, s.describe.output, buffers.output)
                    .with(DNNL_ARG_SCRATCHPAD, s.forward_description.scratchpad_desc(),
                          buffers.forward_scratch + s.rounded_count);
    if (s.plan.parameter_gradients)
      s.backward_weights =
          Bound(dnnl::convolution_backward_weights(s.weights_description))
              .with(DNNL_ARG_SRC, s.describe.input, buffers.input)
              .with(DNNL_ARG_DIFF_DST, s.describe.output, buffers.output_gradient)
              .with(DNNL_ARG_DIFF_WEIGHTS, s.own_weights, buffers.weights_gradient)
              .with(DNNL_ARG_DIFF_BIAS, s.describe.bias, buffers.bias_gradient)
              .with(DNNL_ARG_SCRATCHPAD, s.weights_description.scratchpad_desc(), buffers.backward_scratch);
    if (!s.plan.input_gradient) return;
    const Descriptor wanted = s.data_description.weights_desc();
    float* used = s.reordered ? buffers.backward_scratch : buffers.weights;
    if (s.reordered)
      s.reorder =
          Bound(dnnl::reorder(dnnl::reorder::primitive_desc(engine(), s.own_weights, engine(), wanted)))
              .with(DNNL_ARG_FROM, s.own_weights, buffers.weights)
              .with(DNNL_ARG_TO, wanted, used);
    s.backward_data = Bound(dnnl::convolution_backward_data(s.data_description))
                          .with(DNNL_ARG_DIFF_DST, s.describe.output, buffers.output_gradient)
                          .with(DNNL_ARG_WEIGHTS, wanted, used)
                          .with(DNNL_ARG_DIFF_SRC, s.blocked_input, buffers.input_gradient)
                          .with(DNNL_ARG_SCRATCHPAD, s.data_description.scratchpad_desc(),
                                buffers.backward_scratch + s.reordered_count);
  });
}

void OnednnConvolution::forward() {
  guarded("a convolution", [&] {
    if (state_->plan.bf16) state_->round.run();
    state_->forward.run();
  });
}
void OnednnConvolution::backward_weights() {
  guarded("a convolution's gradient", [&] { state_->backward_weights.run(); });
}
void OnednnConvolution::backward_data() {
  guarded("a convolution's gradient", [&] {
    if (state_->reordered) state_->reorder.run();
    state_->backward_data.run();
  });
}

}  // namespace alexnet::cpu
