#include "engine/cpu/plan/plan.h"

#include <algorithm>
#include <utility>

#include "engine/cpu/plan/convolution_choice.h"
#include "engine/cpu/plan/dense_choice.h"

namespace alexnet::cpu {
namespace {

class Planner {
 public:
  Planner(const NetworkSpec& spec, const CompileOptions& options, const Processor& processor)
      : spec_(spec),
        options_(options),
        processor_(processor),
        shapes_(output_shapes(spec)),
        first_learner_(first_learner(spec, options)),
        current_{options.batch, spec.input, 1} {}

  NetworkPlan plan() {
    while (next_ < spec_.layers.size() && !std::holds_alternative<Softmax>(spec_.layers[next_].kind)) {
      first_ = next_;
      std::visit([&](const auto& layer) { begin(layer); }, spec_.layers[next_].kind);
    }
    if (plan_.operations.empty()) enter();  // a network of nothing but a softmax
    plan_.training = options_.training;
    return std::move(plan_);
  }

 private:
  void begin(const Conv& conv) {
    const Layout output = layout_of(next_);
    ConvolutionWish wish;
    wish.geometry = convolution_geometry(conv, current_, output);
    wish.training = options_.training;
    wish.convolution = options_.convolution;
    wish.bf16 = options_.precision != Precision::kFloat32 &&
                (processor_.multiplies_tiles || (processor_.multiplies_bf16 && !options_.training));
    if (current_.block == 1 && !reads_plain_input(wish, processor_)) enter();
    wish.geometry = convolution_geometry(conv, current_, output);
    const ConvolutionChoice choice = choose_convolution(wish, processor_);
    ConvolutionPlan plan;
    plan.geometry = wish.geometry;
    if (choice.joins_groups) std::swap(plan.geometry.groups, plan.joined_groups);
    plan.algorithm = choice.algorithm;
    plan.bf16 = choice.bf16;
    finish_weighted(plan, output);
  }

  void begin(const Dense&) {
    enter();
    DensePlan plan;
    plan.training = options_.training;
    choose_products(plan, options_.batch, options_.precision, processor_);
    finish_weighted(plan, layout_of(next_));
  }

  /// What convolutions and fully connected layers have in common: gradients, and the ReLU behind.
  template <class Plan>
  void finish_weighted(Plan& plan, const Layout& output) {
    plan.training = options_.training;
    plan.parameter_gradients = learns(options_, next_);
    plan.input_gradient = input_gradient();
    ++next_;
    plan.relu = take_relu();
    plan.masks_relu = plan.relu && !normalise_pool_drop_follows();
    const bool leaves_mask = plan.relu && !plan.masks_relu;
    emit(output, plan);
    after_relu_ = leaves_mask;
  }

  void begin(const Activation& activation) {
    enter();
    ++next_;
    emit(current_, activation);
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
    emit(output, pool);
  }

  void begin(const Lrn& lrn) {
    enter();
    ++next_;
    emit(current_, lrn);
  }

  void begin(const Flatten& flatten) {
    enter();
    const Layout output = layout_of(next_++);
    if (current_.pixels() > 1) emit(output, flatten);
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
    emit(output, layers);
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

  Layout layout_of(std::size_t index) const {
    return {options_.batch, shapes_[index], processor_.activation_block};
  }

  std::string name() const {
    std::string names;
    for (std::size_t i = first_; i < next_; ++i) names += (i > first_ ? "+" : "") + spec_.layers[i].name;
    return names;
  }

  /// Everything but a first convolution works on blocks.
  void enter() {
    if (current_.block != 1) return;
    const Layout blocked{current_.batch, current_.extent, processor_.activation_block};
    plan_.operations.push_back({"input", first_, first_, current_, blocked, Entry{}});
    current_ = blocked;
  }

  /// The layers [first_, next_), from what the last operation wrote to `output`.
  void emit(const Layout& output, OperationPlan::Kind kind) {
    plan_.operations.push_back({name(), first_, next_, current_, output, std::move(kind)});
    current_ = output;
    after_relu_ = false;
  }

  const NetworkSpec& spec_;
  const CompileOptions& options_;
  const Processor& processor_;
  std::vector<Extent> shapes_;
  std::size_t first_learner_;
  Layout current_;
  bool after_relu_ = false;  // the next operation masks the ReLU before it
  std::size_t first_ = 0, next_ = 0;
  NetworkPlan plan_;
};

}  // namespace

NetworkPlan plan_network(const NetworkSpec& spec, const CompileOptions& options, const Processor& processor) {
  return Planner(spec, options, processor).plan();
}

}  // namespace alexnet::cpu
