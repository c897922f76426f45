// What a network looks at: which parts of an image speak for a class.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "alexnet/bytes.h"
#include "alexnet/classifier.h"
#include "alexnet/dataset.h"
#include "alexnet/export.h"
#include "alexnet/model.h"

namespace alexnet {

/// All three speak of the score of one class: its logit, what goes into the softmax.
enum class ExplainMethod {
  /// Grad-CAM (Selvaraju et al. 2017): the channels of a layer, each weighted with the mean gradient of the
  /// score with respect to it, summed, what is below zero cut off. One value per pixel of that layer.
  kGradCam,
  /// Occlusion (Zeiler & Fergus 2014): how much of its probability the class loses when a square of the mean
  /// colour covers a place; of overlapping squares the mean. One value per pixel of the network's input.
  kOcclusion,
  /// Integrated gradients (Sundararajan et al. 2017): the gradient of the score with respect to the input,
  /// averaged on the straight way from the mean colour to the image, times the input; summed over the
  /// channels. The values of all pixels add up to how much more the score is than the mean colour's.
  kIntegratedGradients
};
/// "gradcam", "occlusion" or "integrated"; UsageError otherwise.
ALEXNET_API ExplainMethod explain_method_from_string(std::string_view name);
ALEXNET_API std::string_view to_string(ExplainMethod method);

struct ExplainOptions {
  ExplainMethod method = ExplainMethod::kGradCam;
  std::string layer{};  // Grad-CAM: any layer that still has pixels; empty: the last convolution
  int patch = 0;   // occlusion: side of the square, in pixels of the input; 0: a seventh of its short side
  int stride = 0;  // occlusion: from one square to the next; 0: half of its side
  int steps = 64;  // integrated gradients: points on the way (midpoint rule)
  int batch = 16;  // images computed at a time by the last two
  std::string engine = "cpu";
};

struct Explanation {
  Prediction explained;  // the class the map speaks of
  Prediction predicted;  // the most probable class
  Image seen;            // what the network sees of the image: scaled and cropped
  /// [rows, columns], evenly over `seen`: above zero what speaks for the class, below what speaks against it.
  Tensor map;
};

/// Statistics of batch normalisation are those of inference and nothing is dropped. For one thread
/// at a time; several may be used at once (Classifier).
class ALEXNET_API Explainer {
 public:
  /// UsageError for a layer without pixels, sizes that do not fit the input, steps or batch below 1.
  explicit Explainer(Model model, const ExplainOptions& options = {});
  ~Explainer();
  Explainer(Explainer&&) noexcept;
  Explainer& operator=(Explainer&&) noexcept;

  const Model& model() const;
  /// The layer that Grad-CAM looks at; empty with other methods.
  const std::string& layer() const;

  /// `target` is a class index; none: the most probable class. DataError when the file is no image,
  /// UsageError when the class does not exist.
  Explanation explain(const std::filesystem::path& file, std::optional<int> target = {});
  Explanation explain(const Image& image, std::optional<int> target = {});
  /// The content of an image file.
  Explanation explain(const Bytes& content, std::optional<int> target = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace alexnet
