// The contract of a way to explain, and the three there are.
#pragma once

#include <memory>
#include <span>

#include "alexnet/explain.h"

namespace alexnet {

class Method {
 public:
  virtual ~Method() = default;
  /// `chw` is one prepared image, [channels, height, width]; `target` a class index. The map of
  /// Explanation::map.
  virtual Tensor map(std::span<const float> chw, int target) = 0;
};

/// `options.layer` must be a layer of the network.
std::unique_ptr<Method> make_grad_cam(const Model& model, const ExplainOptions& options);
std::unique_ptr<Method> make_occlusion(const Model& model, const ExplainOptions& options);
std::unique_ptr<Method> make_integrated_gradients(const Model& model, const ExplainOptions& options);

/// The last convolution; UsageError when there is none.
std::string last_convolution(const NetworkSpec& spec);

}  // namespace alexnet
