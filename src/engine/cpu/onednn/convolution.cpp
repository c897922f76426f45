#include "engine/cpu/onednn/convolution.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "engine/cpu/onednn/one_thread.h"
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

DeviceError failure(const char* doing, const dnnl::error& error) {
  const std::string why = std::string(doing) + " failed: " + error.what();
  if (error.status == dnnl_out_of_memory) return {"memory", why, "use a smaller --batch or --size"};
  return {"oneDNN", why};
}

/// Runs `body` on this thread alone, with oneDNN's errors as ours.
template <class Body>
auto guarded(const char* doing, Body&& body) {
  const OneThread alone;
  try {
    return body();
  } catch (const dnnl::error& error) {
    throw failure(doing, error);
  }
}

/// body(i, member) for all i of [0, count), side by side.
template <class Body>
void split_work(const char* doing, std::int64_t count, int members, Body&& body) {
  std::mutex mutex;
  std::optional<dnnl::error> failed;
  parallel_for(count, 1, members, [&](std::int64_t begin, std::int64_t end, int member) {
    const OneThread alone;
    try {
      for (std::int64_t i = begin; i < end; ++i) body(static_cast<std::size_t>(i), member);
    } catch (const dnnl::error& error) {
      const std::lock_guard lock(mutex);
      failed = error;
    }
  });
  if (failed) throw failure(doing, *failed);
}

std::size_t floats(const Descriptor& descriptor) { return (descriptor.get_size() + 3) / 4; }

Descriptor activation(const Layout& layout, bool plain, Type type = kFloat) {
  const Tag tag = plain ? Tag::nchw : layout.block == 16 ? Tag::nChw16c : Tag::nChw8c;
  return {{layout.batch, layout.extent.channels, layout.extent.height, layout.extent.width}, type, tag};
}

Descriptor weights(const ConvGeometry& geometry, Tag grouped, Tag ungrouped, Type type = kFloat) {
  const int g = geometry.groups;
  const auto& [height, width] = std::pair(geometry.kernel.height, geometry.kernel.width);
  const int in = geometry.input.extent.channels / g, out = geometry.output.extent.channels / g;
  if (g > 1) return {{g, out, in, height, width}, type, grouped};
  return {{out, in, height, width}, type, ungrouped};
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
      : strides{geometry.stride.height, geometry.stride.width},
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

  ForwardDescription forward(const Descriptor& from, const Descriptor& weights, bool relu) const {
    dnnl::primitive_attr attributes = own_scratch();
    if (relu) attributes.set_post_ops(relu_behind());
    return describe_forward(engine(), tensors(from, weights), attributes);
  }

  WeightsDescription weights_gradient(const Descriptor& own_weights,
                                      const ForwardDescription& forward) const {
    return describe_weights_gradient(engine(), tensors(input, own_weights), own_scratch(), forward);
  }

  InputDescription input_gradient(const Descriptor& to, const Descriptor& weights,
                                  const ForwardDescription& forward) const {
    return describe_input_gradient(engine(), tensors(to, weights), own_scratch(), forward);
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

  Bound& with(int argument, const Descriptor& descriptor, void* data) {
    memories_.emplace_back(descriptor, engine(), data);
    arguments_.push_back({argument, memories_.back().get()});
    return *this;
  }
  /// With work space that each run is given.
  Bound& with_scratch(const Descriptor& descriptor) { return with(DNNL_ARG_SCRATCHPAD, descriptor, nullptr); }
  void run(const dnnl::stream& on, float* scratch = nullptr) {
    if (scratch != nullptr) memories_.back().set_data_handle(scratch);
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), on.get(),
                                                   static_cast<int>(arguments_.size()), arguments_.data()),
                            "a primitive did not run");
    dnnl::error::wrap_c_api(dnnl_stream_wait(on.get()), "a primitive did not end");
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
    return describe.forward(any, describe.any_weights, false).src_desc() == activation(layout, true);
  });
}

bool convolves_fast(const ConvGeometry& geometry) {
  return guarded("describing a convolution", [&] {
    const Descriptions describe(geometry);
    const auto forward = describe.forward(describe.source, describe.any_weights, false);
    const WeightsDescription backward = describe.weights_gradient(forward.weights_desc(), forward);
    const auto is_fast = [](const char* kernel) { return !std::string_view(kernel).starts_with("ref"); };
    return is_fast(forward.impl_info_str()) && is_fast(backward.impl_info_str());
  });
}

int activation_block() {
  constexpr Layout kBlocks{1, {64, 14, 14}, 16};
  constexpr ConvGeometry kUsual{.input = kBlocks,
                                .output = kBlocks,
                                .kernel = 3,
                                .pad_top = 1,
                                .pad_left = 1,
                                .pad_bottom = 1,
                                .pad_right = 1};
  static const int block = convolves_fast(kUsual) ? 16 : 8;
  return block;
}

namespace {

/// What one thread computes at a time: some images, and of their output some channels.
struct Part {
  int image, images;
  int slice = 0;  // of the output's channels
};

/// `images` images in `count` parts, as even as possible: of one size, or of two.
std::vector<Part> parts_of(int images, int count) {
  std::vector<Part> parts;
  for (int i = 0; i < count; ++i) {
    const int begin = images * i / count;
    parts.push_back({begin, images * (i + 1) / count - begin});
  }
  return parts;
}

/// For each thread: enough that the last ones, which others may wait for, are short.
constexpr int kPartsEach = 4;
/// Of the batch, whose gradients of the weights are added up in order. The same for any number of threads,
/// and with it the sums.
constexpr int kGradientParts = 8;

/// Into how many slices the output's channels are cut where a batch has too few images for all threads.
int slices_of(const ConvGeometry& geometry, int members) {
  const int wanted = (2 * members + geometry.input.batch - 1) / geometry.input.batch;
  const int pieces =
      geometry.groups > 1 ? geometry.groups : geometry.output.extent.channels / geometry.output.block;
  const int in_blocks = geometry.input.extent.channels / geometry.input.block;
  const bool whole = geometry.output.extent.channels % geometry.output.block == 0;
  for (int slices = std::min(wanted, pieces); slices > 1 && whole; --slices) {
    const bool fits = pieces % slices == 0 &&
                      geometry.output.extent.channels / slices % geometry.output.block == 0 &&
                      (geometry.groups == 1 || in_blocks % slices == 0);
    if (fits) return slices;
  }
  return 1;
}

/// The convolution of a part.
ConvGeometry part_geometry(ConvGeometry geometry, int images, int slices) {
  geometry.input.batch = geometry.output.batch = images;
  geometry.output.extent.channels /= slices;
  if (geometry.groups > 1) {
    geometry.input.extent.channels /= slices;
    geometry.groups /= slices;
  }
  return geometry;
}

std::size_t lines(std::size_t floats) { return (floats + 15) / 16 * 16; }

/// On the calling thread.
void reorder(const Descriptor& from_order, const float* from, const Descriptor& to_order, float* to) {
  memory source(from_order, engine(), const_cast<float*>(from)), target(to_order, engine(), to);
  dnnl::reorder(source, target).execute(stream(), source, target);
  stream().wait();
}

}  // namespace

/// Primitives for parts of one size. The order of weights is the same for all sizes.
struct OnednnConvolution::Size {
  Size(const ConvGeometry& shape, const Plan& plan, const Descriptor& weights)
      : describe(shape, plan.bf16),
        forward_description(describe.forward(describe.source, weights, plan.relu)),
        forward(forward_description) {}

  Descriptions describe;
  ForwardDescription forward_description;
  dnnl::convolution_forward forward;
  WeightsDescription weights_description;
  dnnl::convolution_backward_weights backward_weights;
  InputDescription data_description;
  dnnl::convolution_backward_data backward_data;
  Descriptor blocked_input;
};

struct OnednnConvolution::State {
  State(const ConvGeometry& shape, const Plan& wanted)
      : geometry(shape), plan(wanted), members(thread_count()) {
    for (int i = 0; i < members; ++i) streams.emplace_back(engine());
    const bool trains = plan.parameter_gradients || plan.input_gradient;
    const int batch = geometry.input.batch;
    if (!trains && batch < 2 * members) slices = slices_of(geometry, members);
    image_parts = parts_of(batch, std::min(batch, slices > 1 ? batch : kPartsEach * members));
    for (const Part& part : image_parts)
      for (int slice = 0; slice < slices; ++slice) parts.push_back({part.image, part.images, slice});

    own_weights = size(image_parts.front().images).forward_description.weights_desc();
    const ConvGeometry slice = part_geometry(geometry, 1, slices);
    canonical = weights(slice, Tag::goihw, Tag::oihw);
    for (const Part& part : image_parts)
      forward_scratch_each = std::max(forward_scratch_each,
                                      lines(floats(size(part.images).forward_description.scratchpad_desc())));
    if (plan.bf16) rounded_count = lines((geometry.input.count() + 1) / 2);
    if (plan.parameter_gradients) plan_weights_gradient();
    if (plan.input_gradient) plan_input_gradient();
  }

  /// Primitives for parts of so many images, made when they are first asked for.
  Size& size(int images) {
    if (const auto known = sizes.find(images); known != sizes.end()) return known->second;
    const ConvGeometry shape = part_geometry(geometry, images, slices);
    const Descriptor wanted = sizes.empty() ? Descriptions(shape, plan.bf16).any_weights : own_weights;
    return sizes.emplace(images, Size(shape, plan, wanted)).first->second;
  }

  void plan_weights_gradient() {
    gradient_parts = parts_of(geometry.input.batch, std::min(geometry.input.batch, kGradientParts));
    for (const Part& part : gradient_parts) {
      Size& of = size(part.images);
      // Gradients in the weights' order, whatever this direction would prefer: the optimizer walks both.
      of.weights_description = of.describe.weights_gradient(own_weights, of.forward_description);
      of.backward_weights = dnnl::convolution_backward_weights(of.weights_description);
      weights_scratch_each =
          std::max(weights_scratch_each, lines(floats(of.weights_description.scratchpad_desc())));
    }
    gradient_count = lines(floats(own_weights)) + lines(static_cast<std::size_t>(bias_count()));
  }

  void plan_input_gradient() {
    std::optional<Descriptor> wanted;  // none yet: whichever the first part prefers
    for (const Part& part : image_parts) {
      Size& of = size(part.images);
      Layout blocked = geometry.input;
      blocked.batch = part.images;
      blocked.block = geometry.output.block;
      of.blocked_input = activation(blocked, false);
      of.data_description = of.describe.input_gradient(
          of.blocked_input, wanted.value_or(of.describe.any_weights), of.forward_description);
      of.backward_data = dnnl::convolution_backward_data(of.data_description);
      wanted = of.data_description.weights_desc();
      data_scratch_each = std::max(data_scratch_each, lines(floats(of.data_description.scratchpad_desc())));
    }
    data_weights = *wanted;
    if (data_weights != own_weights) reordered_count = lines(floats(data_weights));
  }

  int bias_count() const { return geometry.output.extent.channels; }

  /// Made when planning: a thread that comes late to a step must not ask for memory in it.
  const dnnl::stream& stream_of(int member) const { return streams[static_cast<std::size_t>(member)]; }

  void bind_forward() {
    auto* rounded = reinterpret_cast<std::uint16_t*>(buffers.forward_scratch);
    const auto input_of = [&](const Part& part) -> void* {
      const std::size_t slice =
          geometry.groups > 1 ? geometry.input.image() / static_cast<std::size_t>(slices) : 0;
      const std::size_t at = static_cast<std::size_t>(part.image) * geometry.input.image() +
                             static_cast<std::size_t>(part.slice) * slice;
      return plan.bf16 ? static_cast<void*>(rounded + at) : buffers.input + at;
    };
    if (plan.bf16)
      for (const Part& part : image_parts) round.push_back(rounding(part, rounded));
    for (const Part& part : parts) {
      const Size& of = size(part.images);
      const auto slice = static_cast<std::size_t>(part.slice);
      forward.push_back(
          Bound(of.forward)
              .with(DNNL_ARG_SRC, of.describe.source, input_of(part))
              .with(DNNL_ARG_WEIGHTS, own_weights, buffers.weights + slice * floats(own_weights))
              .with(DNNL_ARG_BIAS, of.describe.bias, buffers.bias + slice * floats(of.describe.bias))
              .with(DNNL_ARG_DST, of.describe.output,
                    output_of(part, buffers.output) +
                        slice * geometry.output.image() / static_cast<std::size_t>(slices))
              .with_scratch(of.forward_description.scratchpad_desc()));
    }
  }

  /// The whole input of a part's images, in bf16.
  Bound rounding(const Part& part, std::uint16_t* rounded) const {
    const Descriptions whole(part_geometry(geometry, part.images, 1), true);
    const std::size_t at = static_cast<std::size_t>(part.image) * geometry.input.image();
    return Bound(dnnl::reorder(dnnl::reorder::primitive_desc(engine(), whole.input, engine(), whole.source)))
        .with(DNNL_ARG_FROM, whole.input, buffers.input + at)
        .with(DNNL_ARG_TO, whole.source, rounded + at);
  }

  float* output_of(const Part& part, float* output) const {
    return output + static_cast<std::size_t>(part.image) * geometry.output.image();
  }

  void bind_weights_gradient() {
    for (std::size_t i = 0; i < gradient_parts.size(); ++i) {
      const Part& part = gradient_parts[i];
      const Size& of = size(part.images);
      float* gradient = buffers.backward_scratch + i * gradient_count;
      backward_weights.push_back(
          Bound(of.backward_weights)
              .with(DNNL_ARG_SRC, of.describe.input,
                    buffers.input + static_cast<std::size_t>(part.image) * geometry.input.image())
              .with(DNNL_ARG_DIFF_DST, of.describe.output, output_of(part, buffers.output_gradient))
              .with(DNNL_ARG_DIFF_WEIGHTS, own_weights, gradient)
              .with(DNNL_ARG_DIFF_BIAS, of.describe.bias, gradient + lines(floats(own_weights)))
              .with_scratch(of.weights_description.scratchpad_desc()));
    }
  }

  void bind_input_gradient() {
    float* weights = reordered_count > 0 ? buffers.backward_scratch : buffers.weights;
    if (reordered_count > 0)
      reorder_weights =
          Bound(dnnl::reorder(dnnl::reorder::primitive_desc(engine(), own_weights, engine(), data_weights)))
              .with(DNNL_ARG_FROM, own_weights, buffers.weights)
              .with(DNNL_ARG_TO, data_weights, weights);
    Layout to = geometry.input;
    to.block = geometry.output.block;
    for (const Part& part : image_parts) {
      const Size& of = size(part.images);
      backward_data.push_back(
          Bound(of.backward_data)
              .with(DNNL_ARG_DIFF_DST, of.describe.output, output_of(part, buffers.output_gradient))
              .with(DNNL_ARG_WEIGHTS, data_weights, weights)
              .with(DNNL_ARG_DIFF_SRC, of.blocked_input,
                    buffers.input_gradient + static_cast<std::size_t>(part.image) * to.image())
              .with_scratch(of.data_description.scratchpad_desc()));
    }
  }

  std::size_t forward_scratch() const {
    return rounded_count + static_cast<std::size_t>(members) * forward_scratch_each;
  }
  std::size_t backward_scratch() const {
    const auto threads = static_cast<std::size_t>(members);
    return std::max(gradient_parts.size() * gradient_count + threads * weights_scratch_each,
                    reordered_count + threads * data_scratch_each);
  }

  ConvGeometry geometry;
  Plan plan;
  int members;  // threads that compute at most, each with a stream and work space of its own
  std::vector<dnnl::stream> streams;
  int slices = 1;                                        // of the output's channels
  std::vector<Part> image_parts, parts, gradient_parts;  // images; and slices; and of the weights' gradient
  std::map<int, Size> sizes;
  Descriptor own_weights, canonical;  // of a slice
  Descriptor data_weights;        // as backward_data() wants them, in its scratch where that is another order
  std::size_t rounded_count = 0;  // floats of the forward scratch that hold the input in bf16
  std::size_t reordered_count = 0, gradient_count = 0;
  std::size_t forward_scratch_each = 0, weights_scratch_each = 0, data_scratch_each = 0;
  ConvBuffers buffers;
  std::vector<Bound> round, forward, backward_weights, backward_data;  // one for each part
  Bound reorder_weights;
};

OnednnConvolution::OnednnConvolution(const ConvGeometry& geometry, const Plan& plan)
    : state_(guarded("planning a convolution", [&] { return std::make_unique<State>(geometry, plan); })) {}
OnednnConvolution::~OnednnConvolution() = default;

std::size_t OnednnConvolution::weights_count() const {
  return static_cast<std::size_t>(state_->slices) * floats(state_->own_weights);
}
std::size_t OnednnConvolution::forward_scratch_count() const { return state_->forward_scratch(); }
std::size_t OnednnConvolution::backward_scratch_count() const { return state_->backward_scratch(); }

void OnednnConvolution::to_canonical(const float* own, float* canonical) const {
  const State& s = *state_;
  guarded("reordering weights", [&] {
    for (int slice = 0; slice < s.slices; ++slice)
      reorder(s.own_weights, own + static_cast<std::size_t>(slice) * floats(s.own_weights), s.canonical,
              canonical + static_cast<std::size_t>(slice) * floats(s.canonical));
  });
}

void OnednnConvolution::from_canonical(const float* canonical, float* own) const {
  const State& s = *state_;
  guarded("reordering weights", [&] {
    for (int slice = 0; slice < s.slices; ++slice)
      reorder(s.canonical, canonical + static_cast<std::size_t>(slice) * floats(s.canonical), s.own_weights,
              own + static_cast<std::size_t>(slice) * floats(s.own_weights));
  });
}

void OnednnConvolution::bind(const ConvBuffers& buffers) {
  State& s = *state_;
  s.buffers = buffers;
  guarded("preparing a convolution", [&] {
    s.bind_forward();
    if (s.plan.parameter_gradients) s.bind_weights_gradient();
    if (s.plan.input_gradient) s.bind_input_gradient();
  });
}

void OnednnConvolution::forward() {
  State& s = *state_;
  if (s.plan.bf16)
    split_work("rounding an input", static_cast<std::int64_t>(s.round.size()), s.members,
               [&](std::size_t part, int member) { s.round[part].run(s.stream_of(member)); });
  float* scratch = s.buffers.forward_scratch + s.rounded_count;
  split_work("a convolution", static_cast<std::int64_t>(s.forward.size()), s.members,
             [&](std::size_t part, int member) {
               s.forward[part].run(s.stream_of(member),
                                   scratch + static_cast<std::size_t>(member) * s.forward_scratch_each);
             });
}

void OnednnConvolution::backward_weights() {
  State& s = *state_;
  const std::size_t parts = s.gradient_parts.size();
  float* gradients = s.buffers.backward_scratch;
  float* scratch = gradients + parts * s.gradient_count;
  split_work("a convolution's gradient", static_cast<std::int64_t>(parts), s.members,
             [&](std::size_t part, int member) {
               s.backward_weights[part].run(
                   s.stream_of(member), scratch + static_cast<std::size_t>(member) * s.weights_scratch_each);
             });
  const auto add_parts = [&](std::size_t first, std::size_t count, float* to) {
    constexpr std::int64_t kGrain = 4096;
    parallel_for(static_cast<std::int64_t>(count), kGrain, [&](std::int64_t begin, std::int64_t end) {
      std::copy(gradients + first + begin, gradients + first + end, to + begin);
      for (std::size_t part = 1; part < parts; ++part) {
        const float* from = gradients + part * s.gradient_count + first;
        for (std::int64_t i = begin; i < end; ++i) to[i] += from[i];
      }
    });
  };
  add_parts(0, floats(s.own_weights), s.buffers.weights_gradient);
  add_parts(lines(floats(s.own_weights)), static_cast<std::size_t>(s.bias_count()), s.buffers.bias_gradient);
}

void OnednnConvolution::backward_data() {
  State& s = *state_;
  guarded("reordering weights", [&] {
    if (s.reordered_count > 0) s.reorder_weights.run(s.stream_of(0));
  });
  float* scratch = s.buffers.backward_scratch + s.reordered_count;
  split_work("a convolution's gradient", static_cast<std::int64_t>(s.backward_data.size()), s.members,
             [&](std::size_t part, int member) {
               s.backward_data[part].run(s.stream_of(member),
                                         scratch + static_cast<std::size_t>(member) * s.data_scratch_each);
             });
}

}  // namespace alexnet::cpu
