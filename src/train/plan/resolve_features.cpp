#include "train/plan/resolve_features.h"

#include <algorithm>

#include "alexnet/error.h"
#include "base/memory.h"
#include "fmt/format.h"
#include "train/transfer/feature_source.h"
#include "train/transfer/frozen_prefix.h"

namespace alexnet {

std::int64_t feature_size(const Plan& plan) { return output_shapes(plan.spec)[plan.prefix - 1].size(); }

void resolve_features(Plan& plan, bool resumed) {
  TrainConfig& config = plan.config;
  plan.prefix = config.views == 0 ? 0 : frozen_prefix(plan.spec, plan.frozen);
  if (plan.prefix == 0) return;
  if (!plan.augment.varies()) config.views = 1;  // they would all be the same
  const std::size_t validation = plan.data.validation ? plan.data.validation->size() : 0;
  const std::int64_t size = feature_size(plan);
  const auto bytes = [&](int views) {
    return feature_bytes(plan.data.train->size(), views, size) + feature_bytes(validation, 1, size);
  };
  const std::size_t available = available_memory(), budget = available / 2;
  const std::string& last = plan.spec.layers[plan.prefix - 1].name;
  if (resumed) {
    if (bytes(config.views) > available)
      throw DeviceError("memory",
                        fmt::format("the features that this run learns from need {}, but only {} are free",
                                    memory_text(bytes(config.views)), memory_text(available)),
                        "end other programs, or start a new run with fewer --views");
    return;
  }
  if (bytes(1) > budget) {
    config.views = 0;
    plan.prefix = 0;
    plan.notes.push_back(
        fmt::format("features up to {} would take {}, of {} free: not kept; every epoch "
                    "computes them again",
                    last, memory_text(bytes(1)), memory_text(available)));
    return;
  }
  const int wanted = config.views;
  while (bytes(config.views) > budget) --config.views;
  plan.notes.push_back(fmt::format(
      "{} is frozen up to {}: features of {} of each image{} are computed once and kept ({})", plan.spec.name,
      last, config.views == 1 ? "one view" : fmt::format("{} views", config.views),
      config.views < wanted ? fmt::format(", not {} for lack of memory,", wanted) : "",
      memory_text(bytes(config.views))));
}

}  // namespace alexnet
