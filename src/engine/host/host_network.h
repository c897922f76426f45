// What engines have in common whose networks lie in the memory of this machine: slabs, update and loss.
#pragma once

#include <memory>
#include <vector>

#include "engine/compiled_network.h"
#include "engine/host/kept_slab.h"
#include "engine/host/optimizer.h"
#include "engine/host/weight_average.h"
#include "tensor/slab.h"

namespace alexnet {

/// An engine derives from it, lays out parameters and statistics, calls make_slabs() and binds its operations
/// to them.
class HostNetwork : public CompiledNetwork {
 public:
  void load(const NamedTensors& weights) final;
  std::size_t slab_size(SlabId slab) const final;
  std::vector<SlabId> kept_slabs() const final;
  std::span<const float> download(SlabId slab, std::size_t offset, std::size_t count) final;
  void upload(SlabId slab, std::size_t offset, std::span<const float> values) final;
  void read(SlabId slab, const SlabEntry& entry, std::span<float> canonical) final;
  void write(SlabId slab, const SlabEntry& entry, std::span<const float> canonical) final;
  bool all_finite(SlabId slab) final;

  void forward(const PassOptions& options) final;
  LossResult loss(const Targets& targets, const LossOptions& options) final;
  void set_logits_gradient(std::span<const float> values) final;
  void finish_statistics() final;

  double update(double lr, std::int64_t number) final;
  double squared_change(const SlabEntry& entry) final;
  void exchange_average() final;

 protected:
  HostNetwork(NetworkSpec spec, CompileOptions options)
      : CompiledNetwork(std::move(spec), std::move(options)) {}

  /// Floats of the slabs of parameters and of statistics, whose layouts are made.
  void make_slabs(std::size_t parameters, std::size_t statistics);

  std::span<float> parameters() { return parameters_.span(); }
  std::span<float> gradients() { return gradients_.span(); }
  std::span<float> statistics() { return statistics_.span(); }

  /// Between a tensor in the engine's own order (entry.count floats) and its canonical order.
  virtual void to_canonical(const SlabEntry& entry, const float* own, float* canonical) const = 0;
  virtual void from_canonical(const SlabEntry& entry, const float* canonical, float* own) const = 0;
  /// Takes a parameter where it is instead of a copy; false where the engine does not.
  virtual bool take_view(const SlabEntry& /*entry*/, const TensorView& /*tensor*/) { return false; }
  /// Parameters or statistics were written.
  virtual void parameters_changed() {}
  virtual void compute(const PassOptions& options) = 0;
  virtual void compute_statistics() = 0;
  /// [batch, classes], empty in inference plans.
  virtual std::span<float> logits_gradient() = 0;

 private:
  std::span<float> floats(SlabId slab);
  void note_write(SlabId slab);
  void make_optimizer();

  Slab parameters_, gradients_, statistics_;
  std::unique_ptr<Optimizer> optimizer_;    // null: no rule is planned
  std::unique_ptr<WeightAverage> average_;  // null: none is kept
  std::vector<KeptSlab> kept_;
  bool uploaded_ = false;  // parameters or statistics, since the last forward()
};

}  // namespace alexnet
