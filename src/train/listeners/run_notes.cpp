#include "train/listeners/run_notes.h"

#include <cmath>
#include <string>
#include <utility>

#include "fmt/format.h"

namespace alexnet {

void ObserverListener::started(const RunStart& start) {
  observer_.started(start.plan.config, start.plan.data, summarize(start.plan.spec), files_.path());
  for (const std::string& note : start.plan.notes) observer_.note(note);
}

LossNotes::LossNotes(const Plan& plan, TrainObserver& observer, RunFiles files)
    : config_(plan.config),
      observer_(observer),
      files_(std::move(files)),
      validates_(plan.data.validation != nullptr),
      classes_(plan.data.classes.size()),
      watch_(static_cast<int>(classes_)) {}

void LossNotes::stepped(const StepReport& report) {
  const double guess = std::log(classes_);
  const auto sign = watch_.take(report.alone.cross_entropy,
                                static_cast<double>(report.alone.top1) / static_cast<double>(config_.batch));
  if (sign == LossWatch::Sign::kStays)
    observer_.note(fmt::format(
        "the loss stays at ln({}) = {:.3f}, the loss of guessing: the network does not learn; likely causes: "
        "a learning rate too high or too low (lr {}), labels that are unrelated to the images, "
        "images that are all alike",
        classes_, guess, config_.lr));
  if (sign == LossWatch::Sign::kExplodes)
    observer_.note(fmt::format(
        "the loss explodes: {:.3g} over the last steps, while guessing would give ln({}) = {:.3f}; likely "
        "causes: "
        "a learning rate too high (lr {}; try {:.3g} or --warmup 1), or --mean and --std that do not fit the "
        "images. Training continues; {}",
        watch_.mean_loss(), classes_, guess, config_.lr, config_.lr / 10,
        has_best_ ? fmt::format("the best epoch so far stays in {}", files_.best().string())
                  : std::string("interrupt it to stop")));
}

}  // namespace alexnet
