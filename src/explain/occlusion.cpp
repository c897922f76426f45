// Zeiler & Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "alexnet/error.h"
#include "explain/method.h"
#include "inference/session.h"

namespace alexnet {
namespace {

/// Where squares begin along a side: every `stride` pixels, the last one flush with the end.
std::vector<int> starts(int side, int patch, int stride) {
  std::vector<int> result;
  for (int start = 0; start < side - patch; start += stride) result.push_back(start);
  result.push_back(side - patch);
  return result;
}

class Occlusion final : public Method {
 public:
  Occlusion(const Model& model, const ExplainOptions& options) : input_(model.spec.input) {
    const int shortest = std::min(input_.height, input_.width);
    patch_ = options.patch > 0 ? options.patch : std::max(1, shortest / 7);
    if (options.patch < 0 || patch_ > shortest)
      throw UsageError("patch", fmt::format("must be from 1 to {}, the side of the input", shortest));
    if (options.stride < 0) throw UsageError("stride", "must be at least 1");
    const int stride = options.stride > 0 ? options.stride : std::max(1, patch_ / 2);
    for (const int top : starts(input_.height, patch_, stride))
      for (const int left : starts(input_.width, patch_, stride)) squares_.push_back({top, left});
    batch_ = std::min(static_cast<std::size_t>(options.batch), squares_.size());
    session_.emplace(model, SessionOptions{.batch = static_cast<int>(batch_), .engine = options.engine});
  }

  Tensor map(std::span<const float> chw, int target) override {
    const std::size_t pixels =
        static_cast<std::size_t>(input_.height) * static_cast<std::size_t>(input_.width);
    session_->run(chw);
    const double whole = probability(0, target);
    std::vector<double> lost(pixels, 0.0), covered(pixels, 0.0);
    for (std::size_t first = 0; first < squares_.size(); first += batch_) {
      const auto now = std::span(squares_).subspan(first, std::min(batch_, squares_.size() - first));
      for (std::size_t row = 0; row < now.size(); ++row) cover(chw, now[row], session_->row(row));
      session_->run();
      for (std::size_t row = 0; row < now.size(); ++row) {
        const double loss = whole - probability(row, target);
        each_pixel(now[row], [&](std::size_t at) {
          lost[at] += loss;
          covered[at] += 1;
        });
      }
    }
    Tensor result({input_.height, input_.width});
    // A stride wider than the square leaves pixels that nothing covers: they stay 0.
    for (std::size_t i = 0; i < pixels; ++i)
      result.values[i] = static_cast<float>(lost[i] / std::max(covered[i], 1.0));
    return result;
  }

 private:
  struct Square {
    int top, left;
  };

  template <class Body>
  void each_pixel(const Square& square, Body&& body) const {
    for (int y = square.top; y < square.top + patch_; ++y)
      for (int x = square.left; x < square.left + patch_; ++x)
        body(static_cast<std::size_t>(y) * static_cast<std::size_t>(input_.width) +
             static_cast<std::size_t>(x));
  }

  /// The mean colour is 0 in the network's input.
  void cover(std::span<const float> chw, const Square& square, std::span<float> covered) const {
    std::ranges::copy(chw, covered.begin());
    const std::size_t plane = chw.size() / static_cast<std::size_t>(input_.channels);
    for (std::size_t first = 0; first < chw.size(); first += plane)
      each_pixel(square, [&](std::size_t at) { covered[first + at] = 0.0F; });
  }

  double probability(std::size_t row, int target) {
    return session_->probabilities(row)[static_cast<std::size_t>(target)];
  }

  Extent input_;
  int patch_ = 1;
  std::vector<Square> squares_;
  std::size_t batch_ = 1;
  std::optional<Session> session_;
};

}  // namespace

std::unique_ptr<Method> make_occlusion(const Model& model, const ExplainOptions& options) {
  return std::make_unique<Occlusion>(model, options);
}

}  // namespace alexnet
