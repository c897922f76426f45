// Where a run's batches come from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "alexnet/model.h"
#include "train/plan/plan.h"
#include "train/transfer/feature_source.h"

namespace alexnet {

/// Batches of images; or, where a run learns from features of a frozen prefix, batches of those.
class RunSources {
 public:
  /// `plan` must outlive it.
  explicit RunSources(const Plan& plan);

  BatchSource& training() { return *training_; }
  /// Batches hold features, not images.
  bool gives_features() const { return !features_.empty(); }
  /// Null without validation data.
  BatchSource* validation() { return validation_.get(); }

  /// Computes the features, of which there may be none; must come before the first batch. `go_on` is called
  /// with how many are done and how many there are, and ends it by returning false; false then.
  bool compute_features(const NamedTensors& prefix_weights,
                        const std::function<bool(std::int64_t, std::int64_t)>& go_on);

 private:
  const Plan& plan_;
  std::unique_ptr<BatchSource> training_, validation_;
  std::vector<FeatureSource*> features_;  // those two, where they give features
};

}  // namespace alexnet
