// A convolution computed by Winograd's algorithm, as an operation of a compiled network.
#pragma once

#include <optional>
#include <string>

#include "engine/cpu/conv.h"
#include "engine/cpu/space_to_depth.h"
#include "engine/cpu/winograd.h"
#include "tensor/slab.h"

namespace alexnet::cpu {

class WinogradConv final : public ConvOperation {
 public:
  /// Whether this convolution can be computed so and is likely to be faster.
  static bool suits(const ConvPlan& plan);
  /// Strided ones fold squares of a plain image into channels.
  static bool reads_plain_input(const ConvPlan& plan) { return plan.geometry.stride > 1; }

  WinogradConv(std::string name, const ConvPlan& plan);

  MemoryNeeds needs() const override;
  void parameters_changed() override;
  void forward(const PassOptions& options) override;

 protected:
  std::size_t weights_count() const override;
  void weights_to_canonical(const float* own, float* canonical) const override;
  void weights_from_canonical(const float* canonical, float* own) const override;
  bool masks_itself() const override { return true; }
  void backward_weights() override;
  void backward_data() override;

 private:
  template <class Visit>
  void each_weight(Visit&& visit) const;
  const float* gate() const { return plan_.masks_relu ? memory_.output : nullptr; }
  std::size_t backward_workspace() const;

  std::optional<SpaceToDepth> fold_;
  WinogradConvolution forward_, mirrored_;
  Slab transformed_;  // of inference plans, whose weights change seldom
};

}  // namespace alexnet::cpu
