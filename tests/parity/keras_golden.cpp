#include "tests/parity/keras_golden.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace alexnet::keras {
namespace {

constexpr std::size_t kSamples = 24;

/// value(i) is element i of the tensor.
template <class Value>
Digest digest_of(const std::string& name, std::size_t count, Value&& value) {
  Digest result{name, count, {}, {0.0, 0.0}, 0.0, 0.0, 0.0, 0.0};
  const Stream places("sample/" + name);
  for (std::size_t k = 0; k < kSamples; ++k) result.samples.push_back(value(places.bits(k) % count));
  const Stream directions("projection/" + name);
  double squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double v = value(i);
    const std::uint64_t bits = directions.bits(i);
    result.projections[0] += double{Stream::uniform_of(bits, 40)} * v;
    result.projections[1] += double{Stream::uniform_of(bits, 16)} * v;
    squares += v * v;
    result.largest = std::max(result.largest, std::abs(v));
  }
  result.norm = std::sqrt(squares);
  return result;
}

Digest read_digest(const nlohmann::json& json) {
  return {json.at("name"), json.at("count"),   json.at("samples"),          json.at("projections"),
          json.at("norm"), json.at("largest"), json.value("min_norm", 0.0), json.value("min_largest", 0.0)};
}

/// As `parameter` in tools/golden_formula.py, which says why.
void fill_parameter(const ParameterInfo& info, std::span<float> values) {
  float scale = 0;
  float offset = 0;
  switch (info.role) {
    case Role::kKernel:
      scale = static_cast<float>(
          std::sqrt(1.5 * static_cast<double>(info.shape[0]) / static_cast<double>(values.size())));
      break;
    case Role::kBias:
      scale = 0.125F, offset = 1.0F;
      break;
    case Role::kScale:
      scale = 0.25F, offset = 1.0F;
      if (info.name == "bn7.weight") scale = 1.0F / 64, offset = 1.0F / 16;
      break;
    case Role::kShift:
      scale = 0.125F;
      break;
    case Role::kMovingMean:
      scale = 0.25F, offset = 1.0F;
      break;
    case Role::kMovingVariance:
      scale = 0.25F, offset = 0.5F;
      break;
  }
  const Stream stream(info.name);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = scale * stream.uniform(i) + offset;
}

}  // namespace

NamedTensors weights(const NetworkSpec& spec) {
  NamedTensors result;
  for (const ParameterInfo& info : parameters(spec)) {
    Tensor tensor(info.shape);
    fill_parameter(info, tensor.values);
    result.emplace(info.name, TensorView::own(std::move(tensor)));
  }
  return result;
}

void fill_input(int series, int step, std::span<float> nchw) {
  const Stream stream("input/" + std::to_string(series) + "/" + std::to_string(step));
  for (std::size_t i = 0; i < nchw.size(); ++i) nchw[i] = 2 * stream.uniform(i);
}

std::vector<int> labels(int series, int step, int batch, int classes) {
  const Stream stream("labels/" + std::to_string(series) + "/" + std::to_string(step));
  std::vector<int> result;
  result.reserve(static_cast<std::size_t>(batch));
  for (int i = 0; i < batch; ++i)
    result.push_back(
        static_cast<int>(stream.bits(static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(classes)));
  return result;
}

Digest digest(const std::string& name, std::span<const float> values) {
  return digest_of(name, values.size(), [&](std::size_t i) { return double{values[i]}; });
}

Digest digest_of_change(const std::string& name, std::span<const float> values,
                        std::span<const float> before) {
  return digest_of(name, values.size(), [&](std::size_t i) { return double{values[i]} - before[i]; });
}

double difference(const Digest& want, const Digest& got) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (want.count != got.count || !std::isfinite(got.norm)) return kInfinite;
  const auto unit = [](double size, double min) {
    return std::max(size, min) > 0 ? std::max(size, min) : 1.0;
  };
  const double largest = unit(want.largest, want.min_largest);
  const double norm = unit(want.norm, want.min_norm);
  double worst = std::abs(want.norm - got.norm) / norm;
  for (std::size_t i = 0; i < want.samples.size(); ++i)
    worst = std::max(worst, std::abs(want.samples[i] - got.samples[i]) / largest);
  for (std::size_t i = 0; i < want.projections.size(); ++i)
    worst = std::max(worst, std::abs(want.projections[i] - got.projections[i]) / norm);
  return worst;
}

NetworkSpec Case::spec() const {
  NetworkSpec spec = build(width, height, depth, classes);
  if (steps > 0)
    for (Layer& layer : spec.layers)
      if (auto* dropout = std::get_if<Dropout>(&layer.kind)) dropout->rate = 0.0F;
  return spec;
}

Case read_case(const std::string& path, const std::string& label) {
  std::ifstream file(path);
  const nlohmann::json golden = nlohmann::json::parse(file);
  for (const auto& json : golden.at("cases")) {
    if (json.at("label") != label) continue;
    Case result{label,
                json.at("width"),
                json.at("height"),
                json.at("depth"),
                json.at("classes"),
                json.at("batch"),
                json.at("steps"),
                json.at("series"),
                {}};
    for (const auto& [name, values] : json.at("quantities").items()) {
      Quantity& quantity = result.quantities[name];
      quantity.keras_float32_error = values.at("keras_float32_error");
      for (const auto& tensor : values.at("tensors")) {
        const Digest stored = read_digest(tensor);
        quantity.tensors.emplace(stored.name, stored);
      }
    }
    return result;
  }
  throw std::runtime_error(path + ": no case '" + label + "'");
}

}  // namespace alexnet::keras
