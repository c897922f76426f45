#include "model/variations.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace alexnet {
namespace {

template <class Kind>
bool is(const Layer& layer) {
  return std::holds_alternative<Kind>(layer.kind);
}

bool normalises(const Layer& layer) { return is<BatchNorm>(layer) || is<Lrn>(layer); }

/// "bn1" or "norm1" for what stands beside "relu1".
std::string normalisation_name(const LayerKind& kind, const std::string& beside) {
  const std::size_t digits = beside.find_last_not_of("0123456789") + 1;
  return (std::holds_alternative<BatchNorm>(kind) ? "bn" : "norm") + beside.substr(digits);
}

/// Indices of the layers that normalisation is to follow in a network that has none.
std::vector<std::size_t> places_of_the_paper(const NetworkSpec& spec) {
  std::vector<std::size_t> places;
  std::size_t convolutions = 0;
  for (std::size_t i = 0; i < spec.layers.size() && places.size() < 2; ++i) {
    if (is<Conv>(spec.layers[i])) ++convolutions;
    if (is<Activation>(spec.layers[i]) && convolutions > places.size()) places.push_back(i);
  }
  return places;
}

int scaled(int count, double factor) {
  constexpr int kStep = 8;
  return std::max(kStep, static_cast<int>(std::lround(count * factor / kStep)) * kStep);
}

}  // namespace

void set_activation(NetworkSpec& spec, Activation::Kind kind) {
  for (Layer& layer : spec.layers)
    if (auto* activation = std::get_if<Activation>(&layer.kind)) activation->kind = kind;
}

void set_pooling(NetworkSpec& spec, int kernel) {
  for (Layer& layer : spec.layers)
    if (auto* pool = std::get_if<Pool>(&layer.kind); pool != nullptr && pool->kernel != kernel) {
      pool->kernel = kernel;
      if (kernel <= std::min(pool->stride.height, pool->stride.width))
        pool->rounding = Pool::Rounding::kFloor;
    }
}

void set_normalisation(NetworkSpec& spec, const std::optional<LayerKind>& kind) {
  if (std::none_of(spec.layers.begin(), spec.layers.end(), normalises)) {
    if (!kind) return;
    const std::vector<std::size_t> places = places_of_the_paper(spec);
    for (auto place = places.rbegin(); place != places.rend(); ++place)
      spec.layers.insert(spec.layers.begin() + static_cast<std::ptrdiff_t>(*place) + 1,
                         {normalisation_name(*kind, spec.layers[*place].name), *kind});
    return;
  }
  std::vector<Layer> layers;
  bool flat = false;
  for (Layer& layer : spec.layers) {
    flat = flat || is<Flatten>(layer);
    if (!normalises(layer) || (kind && kind->index() == layer.kind.index()))
      layers.push_back(std::move(layer));
    else if (kind && !(flat && std::holds_alternative<Lrn>(*kind)))
      layers.push_back({normalisation_name(*kind, layer.name), *kind});
  }
  spec.layers = std::move(layers);
}

void set_towers(NetworkSpec& spec, int towers) {
  int number = 0;
  for (Layer& layer : spec.layers)
    if (auto* conv = std::get_if<Conv>(&layer.kind)) {
      ++number;
      conv->groups = number == 2 || number == 4 || number == 5 ? towers : 1;
    }
}

void set_width(NetworkSpec& spec, double factor) {
  Dense* last = nullptr;
  for (Layer& layer : spec.layers) {
    if (auto* conv = std::get_if<Conv>(&layer.kind)) conv->filters = scaled(conv->filters, factor);
    if (auto* dense = std::get_if<Dense>(&layer.kind)) {
      if (last != nullptr) last->units = scaled(last->units, factor);
      last = dense;  // the classes are not scaled
    }
  }
}

}  // namespace alexnet
