// Batch normalisation, max pooling and dropout, each of them optional, in as few passes over memory as there
// can be: one for the batch's statistics, one for all the rest; backward the same.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cpu/kernels/simd/normalise_pool_drop.h"
#include "engine/cpu/operations/normalise_pool_drop_layers.h"
#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

class NormalisePoolDrop final : public Operation {
 public:
  NormalisePoolDrop(std::string name, Layout input, Layout output, const NormalisePoolDropLayers& layers);

  MemoryNeeds needs() const override;
  void bind(const Buffers& buffers) override;
  std::size_t parameter_count(const ParameterInfo& info) const override;
  void bind_parameter(const ParameterInfo& info, float* value, float* gradient) override;
  void forward(const PassOptions& options) override;
  void backward() override;
  void begin_statistics() override;
  void finish_statistics() override;

 private:
  /// Images [first, last) of one block of channels, block by block.
  struct Task {
    int block, first, last;
  };
  template <class Body>
  void for_each_task(int groups, Body&& body) const;
  /// Groups of images whose sums are taken apart: a function of the batch alone, so that results do not
  /// depend on the number of threads.
  int reduction_groups() const;
  int pass_groups() const;
  /// Without padding.
  std::size_t channel_count() const { return static_cast<std::size_t>(input().extent.channels); }

  /// The two values per channel that a group of images adds to `partial_`.
  double* partial(std::int64_t group, const Task& task);

  void measure_batch();
  void use_statistics(const float* mean, const float* variance);
  void move_statistics();
  void sum_statistics();
  void sum_gradients();
  NormalisePoolDropTile tile(const Task& task) const;
  NormalisePoolDropGradientTile gradient_tile(const Task& task) const;

  NormalisePoolDropLayers layers_;
  PoolGeometry geometry_;
  std::uint16_t* winners_ = nullptr;
  float *scale_ = nullptr, *shift_ = nullptr;
  float *scale_gradient_ = nullptr, *shift_gradient_ = nullptr;  // null: nobody wants them
  float *moving_mean_ = nullptr, *moving_variance_ = nullptr;
  // Per channel, padded; see NormalisePoolDropTile and NormalisePoolDropGradientTile.
  std::vector<float> mean_, variance_, inverse_, gain_, offset_, a_, b_, c_;
  std::vector<double> partial_;  // [group][2][channel]
  std::vector<double> sum_mean_, sum_square_, sum_variance_;
  std::int64_t measured_ = 0;
  // Of the last forward():
  Pass pass_ = Pass::kInference;
  std::uint64_t first_row_ = 0;
  bool of_batch_ = false;  // it normalised with the batch's own statistics
};

}  // namespace alexnet::cpu
