#include "alexnet/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "alexnet/error.h"
#include "inference/evaluate_batches.h"
#include "inference/inference_plan.h"

namespace alexnet {

std::vector<ClassScore> class_scores(const ConfusionMatrix& confusion) {
  const auto share = [](std::int64_t part, std::int64_t whole) {
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
        {share(hits, predicted), share(hits, images), share(2 * hits, predicted + images), images});
  }
  return scores;
}

Evaluation evaluate(const Model& model, std::shared_ptr<const ImageSource> source,
                    const EvaluateOptions& options) {
  if (options.batch < 1) throw UsageError("batch", "must be at least 1");
  const auto pictures = static_cast<std::int64_t>(source->size());
  if (pictures == 0) throw DataError("pictures", "there are none to evaluate on");
  const int batch = static_cast<int>(std::min<std::int64_t>(options.batch, pictures));

  LoaderOptions loading;
  loading.preprocessing = model.preprocessing;
  loading.channels = model.spec.input.channels;
  loading.batch = batch;
  loading.workers = options.workers;
  loading.strict = options.strict;
  loading.max_bad = 1.0;        // what can be read is evaluated; the caller is told of the rest
  loading.cache = Cache::kOff;  // every picture is used once
  Loader loader(std::move(source), loading);

  const auto network =
      inference_plan(model.spec, model.weights, options.engine, batch, {}, options.precision);
  const auto progress = [&](std::int64_t done, std::int64_t) { options.progress(done, pictures); };
  Evaluation evaluation =
      evaluate_batches(*network, loader, class_count(model.spec),
                       options.progress ? progress : std::function<void(std::int64_t, std::int64_t)>{});
  if (evaluation.images == 0) {
    const auto& [name, reason] = evaluation.unreadable.front();
    throw DataError(name, reason, fmt::format("none of the {} pictures could be read", pictures));
  }
  return evaluation;
}

}  // namespace alexnet
