#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/explain.h"
#include "explain/method.h"
#include "image/preparation.h"
#include "inference/session.h"

namespace alexnet {
namespace {

struct MethodEntry {
  ExplainMethod method;
  std::string_view name;
  std::unique_ptr<Method> (*make)(const Model&, const ExplainOptions&);
};
constexpr std::array kMethods = {
    MethodEntry{ExplainMethod::kGradCam, "gradcam", make_grad_cam},
    MethodEntry{ExplainMethod::kOcclusion, "occlusion", make_occlusion},
    MethodEntry{ExplainMethod::kIntegratedGradients, "integrated", make_integrated_gradients}};

const MethodEntry& entry(ExplainMethod method) {
  return *std::ranges::find(kMethods, method, &MethodEntry::method);
}

}  // namespace

ExplainMethod explain_method_from_string(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name, &MethodEntry::name);
  if (found == kMethods.end())
    throw UsageError("method", "'" + std::string(name) + "' is not valid",
                     "expected gradcam, occlusion or integrated");
  return found->method;
}

std::string_view to_string(ExplainMethod method) { return entry(method).name; }

struct Explainer::State {
  Model model;
  ExplainOptions options;
  std::optional<Session> session;  // says which class an image is taken for
  std::unique_ptr<Method> method;

  State(Model m, ExplainOptions o) : model(std::move(m)), options(std::move(o)) {
    check_takes_images(model.spec);
    if (options.batch < 1) throw UsageError("batch", "must be at least 1");
    if (options.method == ExplainMethod::kGradCam) {
      if (options.layer.empty()) options.layer = last_convolution(model.spec);
    } else {
      options.layer.clear();
    }
    session.emplace(model, SessionOptions{.engine = options.engine});
    method = entry(options.method).make(model, options);
  }

  Prediction prediction(std::span<const float> probabilities, std::size_t index) const {
    return {static_cast<int>(index), model.classes[index], probabilities[index]};
  }
};

Explainer::Explainer(Model model, const ExplainOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

const Model& Explainer::model() const { return state_->model; }
const std::string& Explainer::layer() const { return state_->options.layer; }

Explanation Explainer::explain(const std::filesystem::path& file, std::optional<int> target) {
  return explain(load_image(file, state_->model.spec.input.channels), target);
}

Explanation Explainer::explain(const Bytes& content, std::optional<int> target) {
  return explain(load_image(content, state_->model.spec.input.channels), target);
}

Explanation Explainer::explain(const Image& image, std::optional<int> target) {
  const Model& model = state_->model;
  if (target && (*target < 0 || *target >= class_count(model.spec)))
    throw UsageError("class", fmt::format("{} is not one of the {}", *target, class_count(model.spec)));
  Explanation result;
  std::vector<float> chw(static_cast<std::size_t>(model.spec.input.size()));
  prepare_image(image, model.preprocessing, chw);
  const Preprocessing& steps = model.preprocessing;
  result.seen = scale_middle(image, steps, steps.crop_width, steps.crop_height);

  state_->session->run(chw);
  const std::vector<float> probabilities = state_->session->probabilities(0);
  const auto best = static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
  result.predicted = state_->prediction(probabilities, best);
  result.explained =
      target ? state_->prediction(probabilities, static_cast<std::size_t>(*target)) : result.predicted;
  result.map = state_->method->map(chw, result.explained.index);
  require_finite(result.map.values, model.file);
  return result;
}

}  // namespace alexnet
