#include "engine/cpu/cpu_network.h"

#include <algorithm>
#include <cmath>

#include "base/flush_denormals.h"
#include "base/stopwatch.h"
#include "engine/cpu/build.h"
#include "engine/cpu/memory/memory_plan.h"
#include "engine/cpu/plan/plan.h"
#include "engine/host/host_network.h"
#include "tensor/slab.h"

namespace alexnet {
namespace {

using cpu::Buffers;
using cpu::Layout;
using cpu::MemoryNeeds;
using cpu::MemoryPlan;
using cpu::Operation;
using cpu::PlannedOperation;

/// The operations of a network with all their memory. Times of the memory plan: operation k runs forward at
/// time k; the loss is taken at time K; operation k runs backward at time 2K - k, unless nothing is learned
/// in it or before it.
class CpuNetwork final : public HostNetwork {
 public:
  CpuNetwork(const NetworkSpec& spec, const CompileOptions& options)
      : HostNetwork(spec, options),
        operations_(cpu::build_operations(cpu::plan_network(spec_, options_, cpu::this_processor()))) {
    lay_out_parameters();
    if (options_.training) find_first_backward();
    plan_memory();
    bind();
    softmax_ = std::holds_alternative<Softmax>(spec_.layers.back().kind);
    const Layout& last = operations_.back().operation->output();
    const auto outputs = static_cast<std::size_t>(last.batch * last.extent.size());
    logits_ = Slab(outputs);
    if (softmax_) probabilities_ = Slab(outputs);
    if (options_.training) logits_gradient_ = Slab(outputs);
  }

  std::span<float> input() override {
    return {input_, static_cast<std::size_t>(options_.batch * spec_.input.size())};
  }

  std::span<const float> logits() override { return logits_.span(); }
  /// The softmax is taken when it is asked for: training steps never do.
  std::span<const float> output() override {
    if (!softmax_) return logits_.span();
    if (!probabilities_valid_) take_softmax();
    return probabilities_.span();
  }

  void read_output(std::string_view layer, std::span<float> nchw) override {
    const std::size_t index = output_index(layer);
    if (softmax_ && index + 1 == spec_.layers.size()) {
      std::ranges::copy(output(), nchw.begin());
      return;
    }
    // The last operation that ends at or before the layer: layers that do nothing have none of their own.
    std::size_t k = operations_.size() - 1;
    while (k > 0 && operations_[k].last > index + 1) --k;
    cpu::to_plain(operations_[k].operation->output(), outputs_[k], nchw.data());
  }

  void backward(const GradientsReady& ready) override {
    ReadyReport report(*this, ready);
    if (first_backward_ == operations_.size()) return report.finish();  // nothing learns
    const FlushDenormals flush;
    cpu::to_blocked(operations_.back().operation->output(), logits_gradient_.data(), last_gradient_);
    for (std::size_t k = operations_.size(); k-- > first_backward_;) {
      const AddSeconds clock(times_[k].backward);
      operations_[k].operation->backward();
      report.from_layer(operations_[k].first);
    }
    report.finish();
  }

  void read_input_gradient(std::span<float> nchw) override {
    check_input_gradient();
    cpu::to_plain(operations_.front().operation->input_gradient(), input_gradient_, nchw.data());
  }

  void begin_statistics() override {
    for (PlannedOperation& planned : operations_) planned.operation->begin_statistics();
  }

  std::size_t planned_bytes() const override {
    return (activations_.size() + logits_.size() + probabilities_.size() + logits_gradient_.size()) *
           sizeof(float);
  }

 protected:
  void to_canonical(const SlabEntry& entry, const float* own, float* canonical) const override {
    owner(entry.info).to_canonical(entry.info, own, canonical);
  }
  void from_canonical(const SlabEntry& entry, const float* canonical, float* own) const override {
    owner(entry.info).from_canonical(entry.info, canonical, own);
  }
  bool take_view(const SlabEntry& entry, const TensorView& tensor) override {
    Operation& operation = owner(entry.info);
    if (!operation.takes_view(entry.info)) return false;
    operation.bind_view(entry.info, tensor);
    views_.insert_or_assign(entry.info.name, tensor);
    return true;
  }
  void parameters_changed() override {
    for (PlannedOperation& planned : operations_) planned.operation->parameters_changed();
  }

  void compute(const PassOptions& options) override {
    const FlushDenormals flush;
    for (std::size_t k = 0; k < operations_.size(); ++k) {
      const AddSeconds clock(times_[k].forward);
      operations_[k].operation->forward(options);
    }
    cpu::to_plain(operations_.back().operation->output(), outputs_.back(), logits_.data());
    probabilities_valid_ = false;
  }

  void compute_statistics() override {
    for (PlannedOperation& planned : operations_) planned.operation->finish_statistics();
  }

  std::span<float> logits_gradient() override { return logits_gradient_.span(); }

 private:
  /// The operation that computes a parameter's layer.
  Operation& owner(const ParameterInfo& info) const {
    const auto found = std::ranges::find_if(operations_, [&](const PlannedOperation& planned) {
      return planned.first <= info.layer && info.layer < planned.last;
    });
    return *found->operation;
  }

  void lay_out_parameters() {
    std::size_t trainable = 0, moving = 0;
    for (const ParameterInfo& info : alexnet::parameters(spec_)) {
      const Operation& operation = owner(info);
      const std::size_t count = operation.takes_view(info) ? 0 : operation.parameter_count(info);
      std::size_t& end = info.trainable() ? trainable : moving;
      (info.trainable() ? parameter_layout_ : statistics_layout_).push_back({info, end, count});
      end += slab_aligned(count);
    }
    make_slabs(trainable, moving);
  }

  void find_first_backward() {
    if (first_backward_layer_ == 0) return;  // a change of layout before the first layer takes part, too
    const auto found = std::ranges::find_if(
        operations_, [&](const PlannedOperation& planned) { return planned.last > first_backward_layer_; });
    first_backward_ = static_cast<std::size_t>(found - operations_.begin());
  }

  bool watched(std::size_t k) const {
    return std::ranges::any_of(options_.outputs, [&](const std::string& name) {
      const std::size_t index = layer_index(spec_, name);
      return operations_[k].last <= index + 1 &&
             (k + 1 == operations_.size() || operations_[k + 1].last > index + 1);
    });
  }

  /// What of one operation lies where, as pieces of the memory plan.
  struct Pieces {
    MemoryPlan::Piece output = -1, output_gradient = -1, forward_scratch = -1, backward_scratch = -1,
                      saved = -1;
  };

  void plan_memory() {
    const int count = static_cast<int>(operations_.size()), end = 2 * count;
    std::vector<MemoryNeeds> needs;
    for (std::size_t k = 0; k < operations_.size(); ++k) {
      needs.push_back(operations_[k].operation->needs());
      if (k < first_backward_) needs[k].keeps_input = needs[k].keeps_output = false;
    }
    MemoryPlan plan;
    // The user fills the input at any time, and may run the same batch twice.
    const MemoryPlan::Piece images =
        plan.add(static_cast<std::size_t>(options_.batch * spec_.input.size()), 0, end);
    std::vector<Pieces> pieces(operations_.size());
    for (int k = 0; k < count; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const MemoryNeeds& own = needs[at];
      const bool last = k + 1 == count, kept = last || watched(at);
      const bool reuses_input = k > 0 && own.forward_in_place && !own.keeps_input &&
                                !needs[at - 1].keeps_output && !watched(at - 1);
      pieces[at].output =
          reuses_input ? pieces[at - 1].output : plan.add(operations_[at].operation->output().count(), k, k);
      if (!last) plan.extend(pieces[at].output, k + 1);
      if (kept) plan.extend(pieces[at].output, end);
      if (options_.training && own.keeps_output) plan.extend(pieces[at].output, end - k);
      if (options_.training && !last && needs[at + 1].keeps_input)
        plan.extend(pieces[at].output, end - k - 1);
      if (own.forward_scratch > 0) pieces[at].forward_scratch = plan.add(own.forward_scratch, k, k);
      if (!options_.training) continue;
      const bool backward = at >= first_backward_;
      if (backward && own.backward_scratch > 0)
        pieces[at].backward_scratch = plan.add(own.backward_scratch, end - k, end - k);
      if (own.saved > 0) pieces[at].saved = plan.add(own.saved, k, backward ? end - k : k);
    }
    if (options_.training) plan_gradients(plan, pieces, needs);
    MemoryPlan::Piece input_gradient = -1;
    if (options_.training && options_.input_gradient)
      input_gradient = plan.add(operations_.front().operation->input_gradient().count(), end, end);
    plan.place();

    activations_ = Slab(plan.total());
    const auto place = [&](MemoryPlan::Piece piece) {
      return piece < 0 ? nullptr : activations_.data() + plan.offset(piece);
    };
    input_ = place(images);
    input_gradient_ = place(input_gradient);
    last_gradient_ = place(pieces.back().output_gradient);
    for (std::size_t k = 0; k < operations_.size(); ++k) {
      outputs_.push_back(place(pieces[k].output));
      buffers_.push_back({k == 0 ? input_ : outputs_[k - 1], outputs_[k],
                          k == 0 ? input_gradient_ : place(pieces[k - 1].output_gradient),
                          place(pieces[k].output_gradient), place(pieces[k].forward_scratch),
                          place(pieces[k].backward_scratch), place(pieces[k].saved)});
    }
  }

  /// The gradient of operation k's output is written when k + 1 runs backward and read when k does.
  void plan_gradients(MemoryPlan& plan, std::vector<Pieces>& pieces, const std::vector<MemoryNeeds>& needs) {
    const int count = static_cast<int>(operations_.size()), end = 2 * count;
    for (int k = count - 1; k >= static_cast<int>(first_backward_); --k) {
      const auto at = static_cast<std::size_t>(k);
      const bool last = k + 1 == count;
      MemoryPlan::Piece& piece = pieces[at].output_gradient;
      if (!last && needs[at + 1].gradient_in_place) {
        piece = pieces[at + 1].output_gradient;
      } else if (!last && needs[at + 1].gradient_over_input && !needs[at].keeps_output && !watched(at)) {
        piece = pieces[at].output;
      } else {
        piece = plan.add(operations_[at].operation->output().count(), end - k - 1, end - k);
      }
      plan.extend(piece, end - k);
      plan.extend(piece, end - k - 1);
    }
  }

  void bind() {
    for (const auto* layout : {&parameter_layout_, &statistics_layout_}) {
      for (const SlabEntry& entry : *layout) {
        const std::span<float> slab = entry.info.trainable() ? parameters() : statistics();
        float* gradient =
            has_gradients() && entry.info.trainable() ? gradients().data() + entry.offset : nullptr;
        if (entry.count > 0)
          owner(entry.info).bind_parameter(entry.info, slab.data() + entry.offset, gradient);
      }
    }
    for (std::size_t k = 0; k < operations_.size(); ++k) {
      operations_[k].operation->bind(buffers_[k]);
      const Operation& operation = *operations_[k].operation;
      times_.push_back(
          {operation.name(), operations_[k].first, operations_[k].last, operation.kernel_precision()});
    }
  }

  /// Of the last layer, which is a softmax.
  void take_softmax() {
    const bool log = std::get<Softmax>(spec_.layers.back().kind).log;
    const auto classes = static_cast<std::size_t>(operations_.back().operation->output().extent.channels);
    for (std::size_t row = 0; row < static_cast<std::size_t>(options_.batch); ++row) {
      const std::span<const float> logits = logits_.span().subspan(row * classes, classes);
      float* probabilities = probabilities_.data() + row * classes;
      const float largest = *std::ranges::max_element(logits);
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c) sum += probabilities[c] = std::exp(logits[c] - largest);
      for (std::size_t c = 0; c < classes; ++c)
        probabilities[c] =
            static_cast<float>(log ? logits[c] - largest - std::log(sum) : probabilities[c] / sum);
    }
    probabilities_valid_ = true;
  }

  std::vector<PlannedOperation> operations_;
  std::vector<Buffers> buffers_;
  std::vector<float*> outputs_;     // of the operations
  std::size_t first_backward_ = 0;  // operations before it take no part in backward()
  Slab activations_;
  Slab logits_, probabilities_, logits_gradient_;
  NamedTensors views_;  // weights used where the model file is mapped
  float *input_ = nullptr, *input_gradient_ = nullptr, *last_gradient_ = nullptr;
  bool softmax_ = false, probabilities_valid_ = false;
};

}  // namespace

std::unique_ptr<CompiledNetwork> compile_cpu(const NetworkSpec& spec, const CompileOptions& options) {
  return std::make_unique<CpuNetwork>(spec, options);
}

}  // namespace alexnet
