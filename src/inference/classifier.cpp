#include "alexnet/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>
#include <thread>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "data/loader.h"
#include "inference/inference_plan.h"

namespace alexnet {
namespace {

using Files = std::span<const std::filesystem::path>;

/// Pictures of one batch, ready for the network; row i is worth nothing where errors[i] is not empty.
struct Prepared {
  Files files;
  std::vector<float> inputs;
  std::vector<std::string> errors;
};

std::vector<float> softmax(std::span<const float> logits) {
  const float largest = std::ranges::max(logits);
  std::vector<double> powers(logits.size());
  std::ranges::transform(logits, powers.begin(),
                         [&](float logit) { return std::exp(double{logit} - largest); });
  const double sum = std::accumulate(powers.begin(), powers.end(), 0.0);
  std::vector<float> probabilities(logits.size());
  std::ranges::transform(powers, probabilities.begin(),
                         [&](double power) { return static_cast<float>(power / sum); });
  return probabilities;
}

}  // namespace

struct Classifier::State {
  Model model;
  ClassifierOptions options;
  std::size_t classes = 0, input_size = 0;
  std::unique_ptr<CompiledNetwork> network;

  State(Model m, const ClassifierOptions& o) : model(std::move(m)), options(o) {
    const Extent& input = model.spec.input;
    if (options.top < 1) throw UsageError("top", "must be at least 1");
    if (input.channels != 1 && input.channels != 3)
      throw UsageError("model", fmt::format("takes {} channels, pictures have 1 or 3", input.channels),
                       "give it raw numbers (forward)");
    classes = static_cast<std::size_t>(class_count(model.spec));
    input_size = static_cast<std::size_t>(input.size());
    if (model.classes.size() != classes)
      throw UsageError("model",
                       fmt::format("names {} classes for {} outputs", model.classes.size(), classes));
    network = inference_plan(model.spec, model.weights, options.engine, options.batch, {}, options.precision);
  }

  std::string prepare(const std::filesystem::path& file, std::span<float> chw) const {
    try {
      prepare_image(load_image(file, model.spec.input.channels), model.preprocessing, chw);
      return {};
    } catch (const Error& error) {
      return error.fix().empty() ? error.problem() : error.problem() + "; " + error.fix();
    } catch (const std::bad_alloc&) {
      return "does not fit in memory";
    }
  }

  /// Reads pictures on as many threads as there are to compute with.
  Prepared prepare(Files files) const {
    Prepared batch{files, std::vector<float>(files.size() * input_size),
                   std::vector<std::string>(files.size())};
    const std::size_t workers = std::min(files.size(), static_cast<std::size_t>(thread_count()));
    const auto work = [&](std::size_t first) {
      for (std::size_t i = first; i < files.size(); i += workers)
        batch.errors[i] = prepare(files[i], std::span(batch.inputs).subspan(i * input_size, input_size));
    };
    std::vector<std::jthread> others;
    for (std::size_t worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
    work(0);
    others.clear();  // waits for them
    return batch;
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

  void classify(const Prepared& batch, std::vector<Classification>& results) {
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
  const auto batch = static_cast<std::size_t>(state_->options.batch);
  const auto part = [&](std::size_t first) {
    return files.subspan(first, std::min(batch, files.size() - first));
  };
  if (files.empty()) return results;
  Prepared ready = state_->prepare(part(0));
  for (std::size_t next = batch; next < files.size(); next += batch) {
    // While one batch is computed the next one is read.
    std::future<Prepared> reading =
        std::async(std::launch::async, [&] { return state_->prepare(part(next)); });
    state_->classify(ready, results);
    ready = reading.get();
  }
  state_->classify(ready, results);
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
