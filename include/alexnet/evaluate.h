// How good a model is on labelled images.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/export.h"
#include "alexnet/model.h"

namespace alexnet {

/// counts[truth * classes + predicted].
struct ConfusionMatrix {
  int classes = 0;
  std::vector<std::int64_t> counts;

  std::int64_t at(int truth, int predicted) const {
    return counts[static_cast<std::size_t>(truth) * static_cast<std::size_t>(classes) +
                  static_cast<std::size_t>(predicted)];
  }
};

/// Per class; a metric without a denominator (a class never predicted, or never seen) is NaN.
struct ClassScore {
  double precision = 0, recall = 0, f1 = 0;
  std::int64_t images = 0;
};
ALEXNET_API std::vector<ClassScore> class_scores(const ConfusionMatrix& confusion);

/// What the model made of one image.
struct Judgement {
  std::int64_t index = 0;  // into the source
  int truth = 0, predicted = 0;
  float confidence = 0;         // probability of the class predicted
  float truth_probability = 0;  // and of the true one

  bool right() const { return predicted == truth; }
};

struct Evaluation {
  std::int64_t images = 0;    // read and classified
  std::int64_t skipped = 0;   // could not be read
  double loss = 0;            // mean cross-entropy, without l2
  double top1 = 0, top5 = 0;  // 0..1
  ConfusionMatrix confusion;
  std::vector<Judgement> judgements;  // of the images read, in the order of the source
  std::vector<std::pair<std::string, std::string>> unreadable;  // name, reason
};

struct EvaluateOptions {
  int batch = 0;  // images computed at a time; 0: 64, or 8 where larger ones would not be rounded
  std::string engine = "cpu";
  std::string precision = "f32";  // see ClassifierOptions
  int workers = 2;
  bool strict = false;
  /// Probabilities are the means over ten crops: the corners and the centre of the square whose side is the
  /// preprocessing's `resize`, and their mirror images (Krizhevsky 2012, section 4.1).
  bool ten_crop = false;
  /// Called after each batch with images done and in all.
  std::function<void(std::int64_t, std::int64_t)> progress;
};

ALEXNET_API Evaluation evaluate(const Model& model, std::shared_ptr<const ImageSource> source,
                                const EvaluateOptions& options = {});

/// Several models that know the same classes, as one whose probabilities are the means of theirs. UsageError
/// when their classes differ. `progress` counts every look at an image.
ALEXNET_API Evaluation evaluate(std::span<const Model> models, std::shared_ptr<const ImageSource> source,
                                const EvaluateOptions& options = {});

}  // namespace alexnet
