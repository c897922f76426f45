// A convolution computed by one of this engine's own algorithms, group by group, as an operation of a
// compiled network.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/cpu/convolution/convolution_operation.h"
#include "engine/cpu/convolution/space_to_depth.h"
#include "engine/cpu/convolution/unit_stride_algorithm.h"
#include "tensor/slab.h"

namespace alexnet::cpu {

class UnitStrideOperation : public ConvolutionOperation {
 public:
  UnitStrideOperation(std::string name, const ConvolutionPlan& plan);

  MemoryNeeds needs() const override;
  Precision kernel_precision() const override;
  void parameters_changed() override;
  void forward(const PassOptions& options) override;

 protected:
  std::size_t weights_count() const override { return groups() * group_weights_count(); }
  void weights_to_canonical(const float* own, float* canonical) const override;
  void weights_from_canonical(const float* canonical, float* own) const override;
  bool masks_itself() const override { return true; }
  void backward_weights() override;
  void backward_data() override;

 private:
  /// Where a group's part begins: floats into input, output, weights, biases and transformed weights.
  struct Group {
    std::size_t input, output, weights, bias, transformed;
  };
  Group group(std::size_t index) const;
  template <class Body>
  void each_group(Body&& body) const {
    for (std::size_t g = 0; g < groups(); ++g) body(group(g));
  }
  std::size_t groups() const { return static_cast<std::size_t>(plan_.geometry.groups); }
  std::size_t group_weights_count() const;
  /// Some images of the batch: all of them but where they are folded. Where they begin in input and output.
  struct Part {
    std::size_t index, input, output;
  };
  template <class Body>
  void each_part(Body&& body) const;
  /// Floats of a part's folded images; 0 where nothing is folded.
  std::size_t folded_size() const { return fold_ ? fold_->folded_size() : 0; }
  /// The part's images, in `folded` where they are folded.
  const float* part_input(const Part& part, float* folded) const;
  /// Floats that hold a part's gradients until they are added to the others.
  std::size_t part_gradient_size() const;
  template <class Visit>
  void each_weight(Visit&& visit) const;
  const float* gate(const Group& g, const Part& part) const {
    return plan_.masks_relu ? memory_.output + g.output + part.output : nullptr;
  }

  std::optional<SpaceToDepth> fold_;
  std::unique_ptr<UnitStrideAlgorithm> forward_, mirrored_;  // of one group
  Slab transformed_;  // of inference plans, whose weights change seldom
};

}  // namespace alexnet::cpu
