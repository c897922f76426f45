#include "alexnet/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "alexnet/error.h"
#include "inference/session.h"

namespace alexnet {

struct Classifier::State {
  Model model;
  ClassifierOptions options;
  std::size_t classes = 0;
  std::optional<Session> session;

  State(Model m, const ClassifierOptions& o) : model(std::move(m)), options(o) {
    if (options.top < 1) throw UsageError("top", "must be at least 1");
    check_takes_images(model.spec);
    classes = static_cast<std::size_t>(class_count(model.spec));
    if (model.classes.size() != classes)
      throw UsageError("model",
                       fmt::format("names {} classes for {} outputs", model.classes.size(), classes));
    session.emplace(
        model,
        SessionOptions{.batch = options.batch, .engine = options.engine, .precision = options.precision});
  }

  std::vector<Prediction> predictions(std::size_t row) {
    const std::vector<float> probabilities = session->probabilities(row);
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

  void classify(ImageFeed feed, const std::function<void(const Classification&)>& each) {
    session->run(std::move(feed), [&](const ImageBatch& batch) {
      for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
        Classification result{batch.inputs[i].name(), {}, batch.errors[i]};
        if (result.error.empty()) result.predictions = predictions(i);
        each(result);
      }
    });
  }

  std::vector<Classification> classify(ImageFeed feed) {
    std::vector<Classification> results;
    classify(std::move(feed), [&](const Classification& result) { results.push_back(result); });
    return results;
  }

  std::vector<Prediction> classify(const ImageInput& input) {
    session->run(input);
    return predictions(0);
  }
};

Classifier::Classifier(Model model, const ClassifierOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

const Model& Classifier::model() const { return state_->model; }

std::vector<Classification> Classifier::classify(std::span<const std::filesystem::path> files) {
  return state_->classify(feed_of(files));
}

std::vector<Classification> Classifier::classify(std::span<const ImageInput> inputs) {
  return state_->classify(feed_of(inputs));
}

void Classifier::classify(ImageFeed feed, const std::function<void(const Classification&)>& each) {
  state_->classify(std::move(feed), each);
}

std::vector<Prediction> Classifier::classify(const Image& image) {
  return state_->classify(ImageInput::view(image));
}

std::vector<Prediction> Classifier::classify(const Bytes& content) {
  return state_->classify(ImageInput(content));
}

}  // namespace alexnet
