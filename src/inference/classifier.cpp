#include "alexnet/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "alexnet/error.h"
#include "data/loader.h"
#include "inference/inference_plan.h"
#include "inference/picture_batches.h"
#include "inference/softmax.h"

namespace alexnet {

struct Classifier::State {
  Model model;
  ClassifierOptions options;
  std::size_t classes = 0, input_size = 0;
  std::unique_ptr<CompiledNetwork> network;

  State(Model m, const ClassifierOptions& o) : model(std::move(m)), options(o) {
    if (options.top < 1) throw UsageError("top", "must be at least 1");
    check_takes_pictures(model.spec);
    classes = static_cast<std::size_t>(class_count(model.spec));
    input_size = static_cast<std::size_t>(model.spec.input.size());
    if (model.classes.size() != classes)
      throw UsageError("model",
                       fmt::format("names {} classes for {} outputs", model.classes.size(), classes));
    network = inference_plan(model.spec, model.weights, options.engine, options.batch, {}, options.precision);
  }

  std::vector<Prediction> predictions(std::size_t row) const {
    const std::vector<float> probabilities = softmax(network->logits().subspan(row * classes, classes));
    std::vector<int> order(classes);
    std::iota(order.begin(), order.end(), 0);
    const auto top = std::min(classes, static_cast<std::size_t>(options.top));
    // Equal ones in the order of their index.
    const auto better = [&](int a, int b) {
      const float pa = probabilities[static_cast<std::size_t>(a)],
                  pb = probabilities[static_cast<std::size_t>(b)];
      return pa > pb || (pa == pb && a < b);
    };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top), order.end(), better);
    std::vector<Prediction> best;
    for (std::size_t i = 0; i < top; ++i) {
      const auto index = static_cast<std::size_t>(order[i]);
      best.push_back({order[i], model.classes[index], probabilities[index]});
    }
    return best;
  }

  void classify(const PictureBatch& batch, std::vector<Classification>& results) {
    std::ranges::copy(batch.inputs, network->input().begin());
    network->forward({.pass = Pass::kInference});
    for (std::size_t i = 0; i < batch.files.size(); ++i) {
      Classification result{batch.files[i].string(), {}, batch.errors[i]};
      if (result.error.empty()) result.predictions = predictions(i);
      results.push_back(std::move(result));
    }
  }
};

Classifier::Classifier(Model model, const ClassifierOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

const Model& Classifier::model() const { return state_->model; }

std::vector<Classification> Classifier::classify(std::span<const std::filesystem::path> files) {
  std::vector<Classification> results;
  for_each_batch(state_->model, files, static_cast<std::size_t>(state_->options.batch),
                 [&](const PictureBatch& batch) { state_->classify(batch, results); });
  return results;
}

std::vector<Prediction> Classifier::classify(const Image& image) {
  const int channels = state_->model.spec.input.channels;
  if (image.channels != channels || image.width < 1 || image.height < 1 ||
      image.pixels.size() != static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) *
                                 static_cast<std::size_t>(channels))
    throw UsageError("image", fmt::format("is not a picture of {} channels", channels),
                     fmt::format("load it with load_image(path, {})", channels));
  CompiledNetwork& network = *state_->network;
  prepare_image(image, state_->model.preprocessing, network.input().first(state_->input_size));
  network.forward({.pass = Pass::kInference});
  return state_->predictions(0);
}

}  // namespace alexnet
