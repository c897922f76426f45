#include "engine/cpu/plan/plan.h"

#include <algorithm>
#include <string>
#include <variant>

#include "engine/cpu/convolution/make_convolution.h"
#include "engine/cpu/dense/dense_operation.h"
#include "engine/cpu/kernels/amx/tiles.h"
#include "engine/cpu/onednn/instruction_set.h"
#include "engine/cpu/operations/activation.h"
#include "engine/cpu/operations/average_pool.h"
#include "engine/cpu/operations/lrn.h"
#include "engine/cpu/operations/normalise_pool_drop.h"
#include "engine/cpu/operations/relayout.h"

namespace alexnet::cpu {
namespace {

class Planner {
 public:
  Planner(const NetworkSpec& spec, const CompileOptions& options)
      : spec_(spec),
        options_(options),
        shapes_(output_shapes(spec)),
        first_learner_(first_learner(spec, options)),
        block_(activation_block()),
        current_{options.batch, spec.input, 1} {}

  std::vector<PlannedOperation> plan() {
    while (next_ < spec_.layers.size() && !std::holds_alternative<Softmax>(spec_.layers[next_].kind)) {
      first_ = next_;
      std::visit([&](const auto& layer) { begin(layer); }, spec_.layers[next_].kind);
    }
    if (planned_.empty()) enter();  // a network of nothing but a softmax
    return std::move(planned_);
  }

 private:
  void begin(const Conv& conv) {
    const Layout output = layout_of(next_);
    ConvolutionPlan plan;
    plan.geometry = convolution_geometry(conv, current_, output);
    plan.training = options_.training;
    plan.parameter_gradients = learns(options_, next_);
    plan.algorithm = options_.convolution;
    plan.bf16 = options_.precision != Precision::kFloat32 &&
                (multiplies_tiles() || (multiplies_bf16() && !options_.training));
    if (current_.block == 1 && !reads_plain_input(plan)) enter();
    plan.geometry = convolution_geometry(conv, current_, output);
    plan.input_gradient = input_gradient();
    ++next_;
    plan.relu = take_relu();
    plan.masks_relu = plan.relu && !normalise_pool_drop_follows();
    emit(make_convolution(name(), plan), plan.relu && !plan.masks_relu);
  }

  void begin(const Dense&) {
    enter();
    DensePlan plan;
    plan.training = options_.training;
    plan.parameter_gradients = learns(options_, next_);
    plan.precision = options_.precision;
    plan.input_gradient = input_gradient();
    const Layout output = layout_of(next_++);
    plan.relu = take_relu();
    plan.masks_relu = plan.relu && !normalise_pool_drop_follows();
    emit(std::make_unique<DenseOperation>(name(), current_, output, plan), plan.relu && !plan.masks_relu);
  }

  void begin(const Activation& activation) {
    enter();
    ++next_;
    emit(make_activation(name(), current_, activation.kind));
  }

  void begin(const BatchNorm&) { normalise_pool_drop(); }
  void begin(const Dropout&) { normalise_pool_drop(); }
  void begin(const Pool& pool) {
    if (pool.kind == Pool::Kind::kMax) {
      normalise_pool_drop();
      return;
    }
    enter();
    const Layout output = layout_of(next_++);
    emit(make_average_pool(name(), current_, output, pool));
  }

  void begin(const Lrn& lrn) {
    enter();
    ++next_;
    emit(make_lrn(name(), current_, lrn, options_.training));
  }

  void begin(const Flatten&) {
    enter();
    const Layout output = layout_of(next_++);
    if (current_.pixels() > 1) emit(make_flatten(name(), current_, output));
  }

  void begin(const Softmax&) {}

  /// [batch norm] [max pool] [dropout], as far as they follow one another and nobody wants to see between.
  void normalise_pool_drop() {
    enter();
    NormalisePoolDropLayers layers;
    layers.after_relu = after_relu_;
    layers.training = options_.training;
    Layout output = current_;
    if (const auto* normalisation = layer<BatchNorm>()) {
      layers.normalisation = *normalisation;
      layers.moving_statistics_only = is_frozen(options_, next_);
      ++next_;
    }
    if (const auto* pool = layer<Pool>();
        pool != nullptr && pool->kind == Pool::Kind::kMax && (next_ == first_ || !watched(next_ - 1))) {
      layers.pool = *pool;
      output = layout_of(next_++);
    }
    if (const auto* dropout = layer<Dropout>();
        dropout != nullptr && (next_ == first_ || !watched(next_ - 1))) {
      if (drops(next_)) layers.dropout = *dropout;
      layers.dropout_layer = static_cast<std::uint32_t>(next_++);
    }
    if (!layers.normalisation && !layers.pool && !layers.dropout) return;  // a dropout that drops nothing
    emit(std::make_unique<NormalisePoolDrop>(name(), current_, output, layers));
  }

  /// The layer that comes next, when it is of this kind.
  template <class Kind>
  const Kind* layer() const {
    return next_ < spec_.layers.size() ? std::get_if<Kind>(&spec_.layers[next_].kind) : nullptr;
  }

  /// Takes a ReLU with the layer before it.
  bool take_relu() {
    const auto* activation = layer<Activation>();
    if (activation == nullptr || activation->kind != Activation::Kind::kRelu || watched(next_ - 1))
      return false;
    ++next_;
    return true;
  }

  bool normalise_pool_drop_follows() const {
    const auto* pool = layer<Pool>();
    return layer<BatchNorm>() != nullptr || (layer<Dropout>() != nullptr && drops(next_)) ||
           (pool != nullptr && pool->kind == Pool::Kind::kMax);
  }

  bool drops(std::size_t index) const { return options_.training && !is_frozen(options_, index); }

  bool watched(std::size_t index) const {
    return std::ranges::find(options_.outputs, spec_.layers[index].name) != options_.outputs.end();
  }

  /// What comes before the first layer that learns needs no gradient, unless it was asked for.
  bool input_gradient() const {
    return options_.training && (first_ > first_learner_ || options_.input_gradient);
  }

  Layout layout_of(std::size_t index) const { return {options_.batch, shapes_[index], block_}; }

  std::string name() const {
    std::string names;
    for (std::size_t i = first_; i < next_; ++i) names += (i > first_ ? "+" : "") + spec_.layers[i].name;
    return names;
  }

  /// Everything but a first convolution works on blocks.
  void enter() {
    if (current_.block != 1) return;
    const Layout blocked{current_.batch, current_.extent, block_};
    planned_.push_back({make_entry("input", current_, blocked), first_, first_});
    current_ = blocked;
  }

  void emit(std::unique_ptr<Operation> operation, bool after_relu = false) {
    current_ = operation->output();
    after_relu_ = after_relu;
    planned_.push_back({std::move(operation), first_, next_});
  }

  const NetworkSpec& spec_;
  const CompileOptions& options_;
  std::vector<Extent> shapes_;
  std::size_t first_learner_;
  int block_;
  Layout current_;
  bool after_relu_ = false;  // the next operation masks the ReLU before it
  std::size_t first_ = 0, next_ = 0;
  std::vector<PlannedOperation> planned_;
};

}  // namespace

std::vector<PlannedOperation> plan_operations(const NetworkSpec& spec, const CompileOptions& options) {
  return Planner(spec, options).plan();
}

}  // namespace alexnet::cpu
