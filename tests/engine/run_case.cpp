#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "tests/engine/op_cases.h"

namespace alexnet::cases {
namespace {

constexpr std::uint64_t kSeed = 20120930;
constexpr PassOptions kTrainingPass{Pass::kTraining, kSeed, 7};

/// `count` draws from [low, high); streams of different numbers are independent.
std::vector<float> uniform(std::size_t count, float low, float high, std::uint64_t stream) {
  RandomStream random(kSeed, Purpose::kSample, 0, stream);
  std::vector<float> values(count);
  for (float& value : values) value = low + (high - low) * random.uniform();
  return values;
}

/// Weights under which values keep their size from layer to layer, and no tensor is trivial.
std::vector<float> tensor_values(const ParameterInfo& info, std::uint64_t stream) {
  const auto count = static_cast<std::size_t>(element_count(info.shape));
  if (info.role == Role::kKernel) {
    const std::int64_t fan_in = element_count(info.shape) / info.shape.front();
    const float reach = std::sqrt(3.0F / static_cast<float>(fan_in));
    return uniform(count, -reach, reach, stream);
  }
  if (info.role == Role::kScale || info.role == Role::kMovingVariance)
    return uniform(count, 0.5F, 1.5F, stream);
  return uniform(count, -0.5F, 0.5F, stream);
}

std::size_t logits_size(const OpCase& op_case) {
  return static_cast<std::size_t>(op_case.batch) *
         static_cast<std::size_t>(output_shapes(op_case.spec).back().size());
}

/// Runs passes of one network and files what they give.
class Recorder {
 public:
  Recorder(const OpCase& op_case, CompiledNetwork& network, Watch watch, Results& results)
      : op_case_(op_case), network_(network), watch_(watch), results_(results) {}

  void forward(const PassOptions& options, const std::string& pass) {
    network_.forward(options);
    keep(pass + "/logits", network_.logits());
    keep(pass + "/output", network_.output());
    if (watch_ != Watch::kEveryLayer) return;
    const std::vector<Extent> shapes = output_shapes(op_case_.spec);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      std::vector<float> output(static_cast<std::size_t>(op_case_.batch * shapes[i].size()));
      network_.read_output(op_case_.spec.layers[i].name, output);
      results_[pass + "/" + op_case_.spec.layers[i].name] = std::move(output);
    }
  }

  /// A pass over `input` and its gradients.
  void gradients(const PassOptions& options, const std::string& pass, const std::vector<float>& input,
                 const std::string& what) {
    std::ranges::copy(input, network_.input().begin());
    forward(options, pass);
    network_.set_logits_gradient(case_logits_gradient(op_case_));
    network_.backward();
    tensors(what, network_.parameter_layout(), SlabId::kGradients);
    std::vector<float> input_gradient(input.size());
    network_.read_input_gradient(input_gradient);
    keep(what + "/input", input_gradient);
  }

  void tensors(const std::string& what, const std::vector<SlabEntry>& layout, SlabId slab) {
    for (const SlabEntry& entry : layout) {
      std::vector<float> values(static_cast<std::size_t>(element_count(entry.info.shape)));
      network_.read(slab, entry, values);
      results_[what + "/" + entry.info.name] = std::move(values);
    }
  }

  void keep(const std::string& name, std::span<const float> values) {
    results_[name] = {values.begin(), values.end()};
  }

 private:
  const OpCase& op_case_;
  CompiledNetwork& network_;
  Watch watch_;
  Results& results_;
};

CompileOptions compile_options(const OpCase& op_case, Watch watch, Convolution convolution,
                               Precision precision) {
  CompileOptions options;
  options.batch = op_case.batch;
  options.convolution = convolution;
  options.precision = precision;
  if (watch == Watch::kEveryLayer)
    for (const Layer& layer : op_case.spec.layers) options.outputs.push_back(layer.name);
  return options;
}

}  // namespace

NamedTensors case_weights(const OpCase& op_case) {
  NamedTensors weights;
  std::uint64_t stream = 2;
  for (const ParameterInfo& info : parameters(op_case.spec))
    weights[info.name] = TensorView::own({info.shape, tensor_values(info, stream++)});
  return weights;
}

std::vector<float> case_input(const OpCase& op_case) {
  const std::size_t count =
      static_cast<std::size_t>(op_case.batch) * static_cast<std::size_t>(op_case.spec.input.size());
  std::vector<float> values = uniform(count, -2.0F, 2.0F, 0);
  if (op_case.input == Input::kTied)
    for (float& value : values) value = std::round(value);
  if (op_case.input == Input::kSpaced) {
    // Each value is replaced by its place in the sorted order, the middle of which is zero.
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
    const std::size_t middle = count / 2;
    for (std::size_t place = 0; place < count; ++place)
      values[order[place]] = (static_cast<float>(place) + 0.5F - static_cast<float>(middle)) / 8.0F;
  }
  return values;
}

std::vector<float> case_logits_gradient(const OpCase& op_case) {
  return uniform(logits_size(op_case), -1.0F, 1.0F, 1);
}

Results run(const OpCase& op_case, const Engine& engine, Watch watch, Convolution convolution,
            Precision precision) {
  Results results;
  const NamedTensors weights = case_weights(op_case);
  const std::vector<float> input = case_input(op_case);
  CompileOptions options = compile_options(op_case, watch, convolution, precision);
  {
    const auto network = engine.compile(op_case.spec, options);
    network->load(weights);
    std::ranges::copy(input, network->input().begin());
    Recorder(op_case, *network, watch, results).forward({}, "inference");
  }
  options.training = true;
  options.input_gradient = true;
  options.precision = choose_precision(engine, precision, /*training=*/true).precision;
  const auto network = engine.compile(op_case.spec, options);
  network->load(weights);
  Recorder record(op_case, *network, watch, results);

  record.gradients({}, "fixed", input, "fixed_gradient");
  record.gradients(kTrainingPass, "training", input, "gradient");
  record.tensors("moved", network->statistics_layout(), SlabId::kStatistics);

  if (network->statistics_layout().empty()) return results;
  network->begin_statistics();
  network->forward({Pass::kStatistics});
  std::ranges::transform(input, network->input().begin(), [](float x) { return 0.5F * x + 0.25F; });
  record.forward({Pass::kStatistics}, "statistics");
  network->finish_statistics();
  record.tensors("measured", network->statistics_layout(), SlabId::kStatistics);
  return results;
}

}  // namespace alexnet::cases
