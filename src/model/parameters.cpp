// What a network holds: its tensors, by name and shape.
#include "alexnet/error.h"
#include "alexnet/network.h"

namespace alexnet {
namespace {

/// Visitor: appends the tensors of one layer.
struct TensorsOf {
  std::vector<ParameterInfo>& list;
  const std::string& name;
  std::size_t layer;
  const Extent& in;

  void operator()(const Conv& conv) const {
    add(".weight", Role::kKernel,
        {conv.filters, in.channels / conv.groups, conv.kernel.height, conv.kernel.width}, conv.l2);
    add(".bias", Role::kBias, {conv.filters});
  }
  void operator()(const Dense& dense) const {
    add(".weight", Role::kKernel, {dense.units, in.channels}, dense.l2);
    add(".bias", Role::kBias, {dense.units});
  }
  void operator()(const BatchNorm&) const {
    add(".weight", Role::kScale, {in.channels});
    add(".bias", Role::kShift, {in.channels});
    add(".running_mean", Role::kMovingMean, {in.channels});
    add(".running_var", Role::kMovingVariance, {in.channels});
  }
  template <class Other>
  void operator()(const Other&) const {}

  void add(const char* suffix, Role role, Shape shape, float l2 = 0.0F) const {
    list.push_back({name + suffix, layer, role, std::move(shape), l2});
  }
};

}  // namespace

int class_count(const NetworkSpec& spec) {
  if (spec.layers.empty()) throw UsageError("network", "has no layers");
  return static_cast<int>(output_shapes(spec).back().size());
}

std::size_t layer_index(const NetworkSpec& spec, const std::string& name) {
  std::string names;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    if (spec.layers[i].name == name) return i;
    names += (i == 0 ? "" : " ") + spec.layers[i].name;
  }
  throw UsageError("layer", "there is no '" + name + "'", "the layers are: " + names);
}

std::vector<ParameterInfo> parameters(const NetworkSpec& spec) {
  const std::vector<Extent> shapes = output_shapes(spec);
  std::vector<ParameterInfo> list;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const Extent& input = i == 0 ? spec.input : shapes[i - 1];
    std::visit(TensorsOf{list, spec.layers[i].name, i, input}, spec.layers[i].kind);
  }
  return list;
}

}  // namespace alexnet
