#include "inference/session.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "alexnet/error.h"
#include "base/log_once.h"
#include "engine/registry/registry.h"
#include "inference/softmax.h"
#include "model/geometry.h"

namespace alexnet {

void infer(CompiledNetwork& network, std::span<const float> images) {
  std::ranges::copy(images, network.input().begin());
  network.forward({.pass = Pass::kInference});
}

void require_finite(std::span<const float> results, const std::string& model) {
  if (!std::ranges::all_of(results, [](float value) { return std::isfinite(value); }))
    throw DataError(model.empty() ? "model" : model, "gives results that are not finite",
                    "its weights are damaged or too large: use another model");
}

namespace {

constexpr int kSmallPart = 8;  // of the whole batch, for a few images

}  // namespace

Session::Session(const Model& model, const SessionOptions& options)
    : file_(model.file), input_(model.spec.input), preprocessing_(model.preprocessing) {
  const NetworkSpec spec =
      options.last.empty() ? model.spec : part_of(model.spec, 0, layer_index(model.spec, options.last) + 1);
  CompileOptions how;
  how.batch = options.batch;
  how.outputs = options.layers;
  const Engine& engine = find_engine(options.engine);
  const auto [precision, note] =
      choose_precision(engine, precision_from_string(options.precision), /*training=*/false);
  if (!note.empty()) log_info_once(note);
  how.precision = precision;
  const auto make = [&engine, spec, weights = model.weights](const CompileOptions& options_of_plan) {
    std::unique_ptr<CompiledNetwork> network = engine.compile(spec, options_of_plan);
    network->load(weights);  // dense ones stay where the model has them
    return network;
  };
  network_ = make(how);
  used_ = network_.get();
  // Of a precision that only small batches have, results would depend on the size of each.
  if (how.batch < kSmallPart || precision != Precision::kFloat32) return;
  how.batch /= kSmallPart;
  make_small_ = [make, how] { return make(how); };
}

/// The one that takes least time for so many images.
CompiledNetwork& Session::network_for(std::size_t images) {
  if (!make_small_ || images > batch() / kSmallPart) return *network_;
  if (!small_) small_ = make_small_();
  return *small_;
}

std::span<float> Session::row(std::size_t i) {
  const auto size = static_cast<std::size_t>(input_.size());
  return network_->input().subspan(i * size, size);
}

void Session::run() {
  used_ = network_.get();
  network_->forward({.pass = Pass::kInference});
}

void Session::run(std::span<const float> images) { run(*network_, images); }

void Session::run(CompiledNetwork& network, std::span<const float> images) {
  used_ = &network;
  infer(network, images);
  require_finite_rows(images.size() / static_cast<std::size_t>(input_.size()));
}

void Session::run(const ImageInput& input) {
  input.prepare(preprocessing_, input_.channels, row(0));
  run();
  require_finite_rows(1);
}

void Session::require_finite_rows(std::size_t count) {
  const std::span<const float> all = used_->logits();
  require_finite(all.first(all.size() / static_cast<std::size_t>(used_->batch()) * count), file_);
}

void Session::run(ImageFeed feed, const std::function<void(const ImageBatch&)>& body) {
  ImageStream stream(input_, preprocessing_, batch(), std::move(feed));
  while (const ImageBatch* next = stream.next()) {
    run(network_for(next->inputs.size()), next->images);
    body(*next);
  }
}

std::span<const float> Session::logits(std::size_t row) {
  const std::span<const float> all = used_->logits();
  const std::size_t classes = all.size() / static_cast<std::size_t>(used_->batch());
  return all.subspan(row * classes, classes);
}

void Session::read(const std::string& layer, std::span<float> nchw) {
  used_->read_output(layer, nchw.first(nchw.size() / batch() * static_cast<std::size_t>(used_->batch())));
}

std::vector<float> Session::probabilities(std::size_t row) { return softmax(logits(row)); }

}  // namespace alexnet
