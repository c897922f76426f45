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

/// How often images of each class were classified as each class.
struct ConfusionMatrix {
  int classes = 0;                   ///< rows and columns
  std::vector<std::int64_t> counts;  ///< counts[truth * classes + predicted]

  /// Images of class `truth` that were classified as `predicted`. Indices are not checked.
  std::int64_t at(int truth, int predicted) const {
    return counts[static_cast<std::size_t>(truth) * static_cast<std::size_t>(classes) +
                  static_cast<std::size_t>(predicted)];
  }
};

/// Per class; a metric without a denominator (a class never predicted, or never seen) is NaN.
struct ClassScore {
  double precision = 0,     ///< right ones among the images classified as this class, 0..1
      recall = 0,           ///< right ones among the images of this class, 0..1
      f1 = 0;               ///< harmonic mean of precision and recall, 0..1
  std::int64_t images = 0;  ///< of this class
};
/// Scores of all classes, by class index.
ALEXNET_API std::vector<ClassScore> class_scores(const ConfusionMatrix& confusion);

/// How the model classified one image.
struct Judgement {
  std::int64_t index = 0;       ///< of the image in its source
  int truth = 0,                ///< index of the true class
      predicted = 0;            ///< index of the most probable class
  float confidence = 0;         ///< probability of the predicted class, 0..1
  float truth_probability = 0;  ///< probability of the true class, 0..1

  /// True when the predicted class is the true one.
  bool right() const { return predicted == truth; }
};

/// Metrics of a model on labelled images.
struct Evaluation {
  std::int64_t images = 0;    ///< read and classified
  std::int64_t skipped = 0;   ///< not readable; the size of `unreadable`
  double loss = 0;            ///< mean cross-entropy, without l2
  double top1 = 0,            ///< fraction of images whose most probable class is the true one, 0..1
      top5 = 0;               ///< fraction of images whose true class is among the five most probable, 0..1
  ConfusionMatrix confusion;  ///< of the images read
  std::vector<Judgement> judgements;  ///< of the images read, in the order of the source
  std::vector<std::pair<std::string, std::string>> unreadable;  ///< name, reason
};

/// Options of evaluate().
struct EvaluateOptions {
  int batch = 0;  ///< images computed at a time; 0: 64, or 8 where larger ones would not be rounded
  std::string engine = "cpu";     ///< one of engine_names()
  std::string precision = "f32";  ///< see ClassifierOptions
  int workers = 2;                ///< threads that read images
  bool strict = false;            ///< an image that cannot be read is a DataError instead of being skipped
  /// Probabilities are the means over ten crops: the corners and the centre of the square whose side is the
  /// preprocessing's `resize`, and their mirror images (Krizhevsky 2012, section 4.1).
  bool ten_crop = false;
  /// Called after each batch with images done and in all.
  std::function<void(std::int64_t, std::int64_t)> progress;
};

/// Classifies every image of the source and compares with its label. UsageError when a label is not a class
/// of the model; DataError when there are no images or none can be read.
ALEXNET_API Evaluation evaluate(const Model& model, std::shared_ptr<const ImageSource> source,
                                const EvaluateOptions& options = {});

/// Several models that know the same classes, as one whose probabilities are the means of theirs. UsageError
/// when their classes differ. `progress` counts every look at an image.
ALEXNET_API Evaluation evaluate(std::span<const Model> models, std::shared_ptr<const ImageSource> source,
                                const EvaluateOptions& options = {});

}  // namespace alexnet
