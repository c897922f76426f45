#include "train/loop/run_sources.h"

#include "model/geometry.h"
#include "train/plan/resolve_features.h"

namespace alexnet {
namespace {

std::unique_ptr<FeatureSource> features(const Plan& plan, std::shared_ptr<const ImageSource> source,
                                        LoaderOptions loading, FeatureOptions options) {
  options.batch = plan.config.batch;
  options.seed = plan.config.seed;
  loading.shuffle = loading.training = false;
  // A second look at an image comes only with a second view.
  if (options.views == 1) loading.cache = Cache::kOff;
  return std::make_unique<FeatureSource>(std::move(source), loading, feature_size(plan), options);
}

std::unique_ptr<FeatureSource> training_features(const Plan& plan) {
  const LoaderOptions loading = training_loader(plan);
  return features(plan, plan.data.train, loading,
                  {.views = plan.config.views, .training = true, .shuffle = loading.shuffle});
}

std::unique_ptr<FeatureSource> validation_features(const Plan& plan) {
  return features(plan, plan.data.validation, validation_loader(plan), {});
}

}  // namespace

RunSources::RunSources(const Plan& plan) : plan_(plan) {
  const bool validates = plan.data.validation != nullptr;
  if (plan.prefix == 0) {
    training_ = std::make_unique<Loader>(plan.data.train, training_loader(plan));
    if (validates) validation_ = std::make_unique<Loader>(plan.data.validation, validation_loader(plan));
    return;
  }
  const auto keep = [&](std::unique_ptr<FeatureSource> source) {
    features_.push_back(source.get());
    return source;
  };
  training_ = keep(training_features(plan));
  if (validates) validation_ = keep(validation_features(plan));
}

bool RunSources::compute_features(const NamedTensors& prefix_weights,
                                  const std::function<bool(std::int64_t, std::int64_t)>& go_on) {
  if (features_.empty()) return true;
  CompileOptions options;
  options.batch = plan_.config.batch;
  options.convolution = plan_.convolution;
  options.precision = plan_.precision;
  const auto network = plan_.engine->compile(part_of(plan_.spec, 0, plan_.prefix), options);
  network->load(prefix_weights);
  std::int64_t all = 0, before = 0;
  for (const FeatureSource* source : features_) all += source->passes();
  for (FeatureSource* source : features_) {
    if (!source->compute(*network, [&](std::int64_t done) { return go_on(before + done, all); }))
      return false;
    before += source->passes();
  }
  return true;
}

}  // namespace alexnet
