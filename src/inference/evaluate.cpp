#include "alexnet/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "alexnet/error.h"
#include "engine/registry/registry.h"
#include "inference/evaluate_batches.h"
#include "inference/session.h"

namespace alexnet {

std::vector<ClassScore> class_scores(const ConfusionMatrix& confusion) {
  const auto fraction = [](std::int64_t part, std::int64_t whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(whole);
  };
  std::vector<ClassScore> scores;
  for (int c = 0; c < confusion.classes; ++c) {
    std::int64_t predicted = 0, images = 0;
    for (int other = 0; other < confusion.classes; ++other) {
      predicted += confusion.at(other, c);
      images += confusion.at(c, other);
    }
    const std::int64_t hits = confusion.at(c, c);
    // The harmonic mean of precision and recall.
    scores.push_back(
        {fraction(hits, predicted), fraction(hits, images), fraction(2 * hits, predicted + images), images});
  }
  return scores;
}

namespace {

LoaderOptions loading(const Model& model, const EvaluateOptions& options, int batch) {
  LoaderOptions loading;
  loading.preprocessing = model.preprocessing;
  loading.channels = model.spec.input.channels;
  loading.batch = batch;
  loading.workers = options.workers;
  loading.strict = options.strict;
  loading.max_bad = 1.0;  // what can be read is evaluated; the rest is reported to the caller
  loading.augment.crops = options.ten_crop ? Augment::kTenCrop : Augment::kNone;
  if (!options.ten_crop) loading.cache = Cache::kOff;  // every image is looked at once
  return loading;
}

SessionOptions computing(const EvaluateOptions& options, int batch) {
  return {.batch = batch, .engine = options.engine, .precision = options.precision};
}

/// Sums of probabilities per image, over looks of several models.
class Votes {
 public:
  Votes(std::size_t images, int classes)
      : classes_(static_cast<std::size_t>(classes)), sums_(images * classes_), looks_(images) {}

  void add(const Batch& batch, std::span<const float> probabilities) {
    for (std::size_t i = 0; i < batch.indices.size(); ++i) {
      const auto image = static_cast<std::size_t>(batch.indices[i]);
      ++looks_[image];
      for (std::size_t c = 0; c < classes_; ++c)
        sums_[image * classes_ + c] += probabilities[i * classes_ + c];
    }
  }

  /// Logarithms of means are logits: their softmax is the means again.
  Evaluation count(const ImageSource& source, std::vector<BadImage> unreadable) const {
    Tally tally(static_cast<int>(classes_));
    std::vector<float> logits(classes_);
    for (std::size_t image = 0; image < looks_.size(); ++image) {
      if (looks_[image] == 0) continue;
      for (std::size_t c = 0; c < classes_; ++c)
        logits[c] = std::log(std::max(sums_[image * classes_ + c] / static_cast<float>(looks_[image]),
                                      std::numeric_limits<float>::min()));
      const int label = source.label(image);
      const auto index = static_cast<std::int64_t>(image);
      tally.add(logits, {&label, 1}, {&index, 1});
    }
    return tally.result(std::move(unreadable));
  }

 private:
  std::size_t classes_;
  std::vector<float> sums_;  // [images][classes]
  std::vector<int> looks_;
};

/// One model, one look at each image.
Evaluation look_once(const Model& model, std::shared_ptr<const ImageSource> source,
                     const EvaluateOptions& options, int batch) {
  const auto images = static_cast<std::int64_t>(source->size());
  Loader loader(std::move(source), loading(model, options, batch));
  Session session(model, computing(options, batch));
  const int classes = class_count(model.spec);
  Tally tally(classes);
  loader.start(0);
  while (const Batch* next = loader.next()) {
    session.run(next->images);
    const std::size_t filled = next->labels.size() * static_cast<std::size_t>(classes);
    tally.add(session.logits().first(filled), next->labels, next->indices);
    if (options.progress) options.progress(tally.images(), images);
  }
  return tally.result(loader.bad_images());
}

Evaluation look_often(std::span<const Model> models, const std::shared_ptr<const ImageSource>& source,
                      const EvaluateOptions& options, int batch) {
  constexpr std::uint32_t kCrops = 10;
  const std::uint32_t looks = options.ten_crop ? kCrops : 1;
  const auto in_all = static_cast<std::int64_t>(source->size() * models.size() * looks);
  std::int64_t done = 0;
  Votes votes(source->size(), class_count(models[0].spec));
  std::vector<BadImage> unreadable;
  for (const Model& model : models) {
    Loader loader(source, loading(model, options, batch));
    Session session(model, computing(options, batch));
    for (std::uint32_t look = 0; look < looks; ++look) {
      loader.start(look);
      while (const Batch* next = loader.next()) {
        session.run(next->images);
        votes.add(*next, session.output());
        done += static_cast<std::int64_t>(next->indices.size());
        if (options.progress) options.progress(done, in_all);
      }
    }
    unreadable = loader.bad_images();
  }
  return votes.count(*source, std::move(unreadable));
}

int batch_of(const EvaluateOptions& options) {
  if (options.batch > 0) return options.batch;
  constexpr int kFastest = 64;
  const Precision precision = precision_from_string(options.precision);
  const EngineOffer offer = find_engine(options.engine).offer();
  const bool any_size = precision == Precision::kFloat32 || offer.max_rounded_batch == 0 ||
                        (precision == Precision::kBf16 && offer.bf16_in_any_batch);
  return any_size ? kFastest : offer.max_rounded_batch;
}

}  // namespace

Evaluation evaluate(std::span<const Model> models, std::shared_ptr<const ImageSource> source,
                    const EvaluateOptions& options) {
  if (options.batch < 0)
    throw UsageError("batch", "must not be negative", "expected 0 (chosen by the program) or more");
  if (models.empty()) throw UsageError("models", "there are none to evaluate");
  for (const Model& model : models)
    if (model.classes != models[0].classes)
      throw UsageError("models", "do not know the same classes",
                       "only models with the same classes can be averaged");
  const auto images = static_cast<std::int64_t>(source->size());
  if (images == 0) throw DataError("images", "there are none to evaluate on");
  const int batch = static_cast<int>(std::min<std::int64_t>(batch_of(options), images));
  Evaluation evaluation = models.size() == 1 && !options.ten_crop
                              ? look_once(models[0], std::move(source), options, batch)
                              : look_often(models, source, options, batch);
  if (evaluation.images == 0) {
    const auto& [name, reason] = evaluation.unreadable.front();
    throw DataError(name, reason, fmt::format("none of the {} images could be read", images));
  }
  return evaluation;
}

Evaluation evaluate(const Model& model, std::shared_ptr<const ImageSource> source,
                    const EvaluateOptions& options) {
  return evaluate(std::span(&model, 1), std::move(source), options);
}

}  // namespace alexnet
