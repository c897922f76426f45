#include "train/loop/divergence.h"

#include <cmath>

#include "fmt/format.h"
#include "train/run/run_files.h"

namespace alexnet {

std::string divergence(double cross_entropy, double l2_loss, int classes) {
  constexpr double kManyTimesAGuess = 1000;
  const double loss = cross_entropy + l2_loss;
  if (std::isnan(loss)) return "NaN";
  if (std::isinf(loss)) return "infinite";
  return cross_entropy > kManyTimesAGuess * std::log(classes) ? "exploding" : "";
}

DivergedError diverged_error(const TrainConfig& config, const Progress& progress, double learning_rate,
                             const std::string& what, bool has_checkpoint) {
  return {
      config.out,
      fmt::format(
          "training diverged: {} at step {} (epoch {}, learning rate {:.3g}); likely causes: a learning "
          "rate too high, or --mean and --std that do not fit the images",
          what, progress.step + 1, progress.epoch + 1, learning_rate),
      fmt::format("try --lr {:.3g} or --warmup 1; {}", config.lr / 10,
                  has_checkpoint ? "the last good checkpoint is " + RunFiles(config.out).checkpoint().string()
                                 : std::string("no checkpoint had been written yet"))};
}

}  // namespace alexnet
