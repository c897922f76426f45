#include <initializer_list>
#include <string_view>

#include "engine/cpu/plan/plan.h"

namespace alexnet::cpu {
namespace {

struct Remark {
  bool holds;
  std::string_view text;
};

std::string with_remarks(std::string text, std::initializer_list<Remark> remarks) {
  for (const Remark& remark : remarks)
    if (remark.holds) text.append(", ").append(remark.text);
  return text;
}

/// What convolutions and fully connected layers have in common: what training leaves out, and who masks the
/// ReLU behind.
template <class Plan>
std::string with_gradients(std::string text, const Plan& plan) {
  return with_remarks(std::move(text), {{plan.training && plan.masks_relu, "masks its ReLU"},
                                        {plan.training && !plan.parameter_gradients, "no weight gradients"},
                                        {plan.training && !plan.input_gradient, "no input gradient"}});
}

std::string_view name_of(ConvolutionAlgorithm algorithm) {
  switch (algorithm) {
    case ConvolutionAlgorithm::kDirect:
      return "direct convolution";
    case ConvolutionAlgorithm::kWinograd:
      return "Winograd convolution";
    case ConvolutionAlgorithm::kTiles:
      return "convolution on tiles";
  }
  return {};
}

std::string_view name_of(DenseProduct product) {
  switch (product) {
    case DenseProduct::kSmallBatch:
      return "few rows at a time";
    case DenseProduct::kOnednn:
      return "oneDNN";
    case DenseProduct::kColumns:
      return "columns";
    case DenseProduct::kTiles:
      return "tiles";
  }
  return {};
}

struct Describer {
  const OperationPlan& operation;

  std::string operator()(const Entry&) const { return "to blocks of " + block(); }

  std::string operator()(const ConvolutionPlan& plan) const {
    std::string text(name_of(plan.algorithm));
    if (operation.input.block == 1) text += ", plain input";
    if (plan.folds())
      text += ", " + std::to_string(plan.geometry.stride.height) + "x" +
              std::to_string(plan.geometry.stride.width) + " squares as channels";
    if (plan.joins_groups()) text += ", " + std::to_string(plan.joined_groups) + " groups as one";
    if (plan.geometry.groups > 1) text += ", " + std::to_string(plan.geometry.groups) + " groups";
    if (plan.bf16) text += ", bf16";
    return with_gradients(std::move(text), plan);
  }

  std::string operator()(const DensePlan& plan) const {
    std::string text = "dense, " + std::string(name_of(plan.forward));
    if (plan.weights != Precision::kFloat32) text += ", " + std::string(to_string(plan.weights)) + " weights";
    if (plan.training && plan.input_gradient)
      text += ", input gradient by " + std::string(name_of(plan.backward));
    return with_gradients(std::move(text), plan);
  }

  std::string operator()(const NormalisePoolDropLayers& layers) const {
    std::string text;
    const auto add = [&](bool wanted, std::string_view part) {
      if (wanted) text.append(text.empty() ? "" : " + ").append(part);
    };
    add(layers.normalisation.has_value(), "normalise");
    add(layers.pool.has_value(), "max pool");
    add(layers.dropout.has_value(), "drop");
    return with_remarks(std::move(text), {{layers.moving_statistics_only, "frozen"},
                                          {layers.training && layers.after_relu, "masks the ReLU before"}});
  }

  std::string operator()(const Activation&) const { return "activation"; }
  std::string operator()(const Pool&) const { return "average pool"; }
  std::string operator()(const Lrn& lrn) const {
    return with_remarks("local response normalisation",
                        {{lrn.region == Lrn::Region::kWithinChannel, "within channels"}});
  }
  std::string operator()(const Flatten&) const { return "flatten"; }

  std::string block() const { return std::to_string(operation.output.block); }
};

}  // namespace

std::string to_string(const NetworkPlan& plan) {
  std::string text;
  for (const OperationPlan& operation : plan.operations)
    text += operation.name + ": " + std::visit(Describer{operation}, operation.kind) + "\n";
  return text;
}

}  // namespace alexnet::cpu
