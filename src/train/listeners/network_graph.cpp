#include "train/listeners/network_graph.h"

#include <string>
#include <variant>

namespace alexnet {
namespace {

bool has_kernel(const Layer& layer) {
  return std::holds_alternative<Conv>(layer.kind) || std::holds_alternative<Dense>(layer.kind);
}

std::vector<std::int64_t> shape_of(const Extent& extent) {
  constexpr std::int64_t kAny = -1;
  if (extent.height == 1 && extent.width == 1) return {kAny, extent.channels};
  return {kAny, extent.height, extent.width, extent.channels};
}

}  // namespace

std::vector<GraphNode> network_graph(const NetworkSpec& spec) {
  const Summary summary = summarize(spec);
  std::vector<GraphNode> nodes = {{"input", "Placeholder", {}, shape_of(spec.input), {}}};
  std::string block;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const Layer& layer = spec.layers[i];
    const bool before_kernel = std::holds_alternative<Flatten>(layer.kind) && i + 1 < spec.layers.size() &&
                               has_kernel(spec.layers[i + 1]);
    if (has_kernel(layer)) block = layer.name;
    if (before_kernel) block = spec.layers[i + 1].name;
    const LayerSummary& about = summary.layers[i];
    GraphNode node{(block.empty() ? "" : block + "/") + layer.name,
                   about.kind,
                   {nodes.back().name},
                   shape_of(about.output),
                   {}};
    if (!about.setting.empty()) node.attributes.emplace_back("setting", about.setting);
    if (about.weights > 0) node.attributes.emplace_back("weights", std::to_string(about.weights));
    if (about.normalisation > 0)
      node.attributes.emplace_back("normalisation", std::to_string(about.normalisation));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace alexnet
