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
/// The name that explain_method_from_string() takes.
ALEXNET_API std::string_view to_string(ExplainMethod method);

/// Options of an Explainer; most belong to one method.
struct ExplainOptions {
  ExplainMethod method = ExplainMethod::kGradCam;  ///< how maps are computed
  std::string layer{};  ///< Grad-CAM: any layer that still has pixels; empty: the last convolution
  int patch = 0;   ///< occlusion: side of the square, in pixels of the input; 0: a seventh of its short side
  int stride = 0;  ///< occlusion: from one square to the next; 0: half of its side
  int steps = 64;  ///< integrated gradients: points on the way (midpoint rule)
  int batch = 16;  ///< occlusion, integrated gradients: images computed at a time
  std::string engine = "cpu";  ///< one of engine_names()
};

/// A map of what an image contributes to the score of a class.
struct Explanation {
  Prediction explained;  ///< the class whose score the map explains
  Prediction predicted;  ///< the most probable class
  Image seen;            ///< what the network sees of the image: scaled and cropped
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
  /// Leaves the other without a state: it may only be destroyed or assigned to.
  Explainer(Explainer&&) noexcept;
  /// Leaves the other without a state: it may only be destroyed or assigned to.
  Explainer& operator=(Explainer&&) noexcept;

  /// The model that it was made from. Valid as long as the explainer.
  const Model& model() const;
  /// The layer that Grad-CAM looks at; empty with other methods.
  const std::string& layer() const;

  /// `target` is a class index; none: the most probable class. DataError when the file is no image,
  /// UsageError when the class does not exist.
  Explanation explain(const std::filesystem::path& file, std::optional<int> target = {});
  /// The same for a decoded image, which must have as many channels as the network takes.
  Explanation explain(const Image& image, std::optional<int> target = {});
  /// The content of an image file.
  Explanation explain(const Bytes& content, std::optional<int> target = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace alexnet
