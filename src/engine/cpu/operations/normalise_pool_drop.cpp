#include "engine/cpu/operations/normalise_pool_drop.h"

#include <algorithm>
#include <cmath>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "model/geometry.h"

namespace alexnet::cpu {
namespace {

constexpr int kReductionGroups = 16;
// Tiles of fewer pixels are not worth a call of their own.
constexpr std::size_t kSmallTile = 16;

PoolGeometry pool_geometry(const Extent& in, const Extent& out, const std::optional<Pool>& pool) {
  PoolGeometry geometry{pool.has_value(), in.height, in.width, out.height, out.width};
  if (!pool) return geometry;
  geometry.kernel_height = pool->kernel.height;
  geometry.kernel_width = pool->kernel.width;
  geometry.stride_height = pool->stride.height;
  geometry.stride_width = pool->stride.width;
  const auto [rows, columns] = windows(in, *pool);
  geometry.pad_top = rows.pad_before;
  geometry.pad_left = columns.pad_before;
  return geometry;
}

}  // namespace

NormalisePoolDrop::NormalisePoolDrop(std::string name, Layout input, Layout output,
                                     const NormalisePoolDropLayers& layers)
    : Operation(std::move(name), input, output),
      layers_(layers),
      geometry_(pool_geometry(input.extent, output.extent, layers.pool)) {
  // A winner's place in its window takes 16 bits.
  if (std::int64_t{geometry_.kernel_height} * geometry_.kernel_width > kDropped)
    throw UsageError(this->name(), "windows of more than 65,535 pixels are not supported by this engine",
                     "use --engine reference");
  const std::size_t channels =
      static_cast<std::size_t>(input.blocks()) * static_cast<std::size_t>(input.block);
  // Without normalisation: y = 1 * (x - 0) + 0, dx = 1 * routed + 0 * (x - 0) + 0.
  for (std::vector<float>* values : {&mean_, &variance_, &inverse_, &offset_, &b_, &c_})
    values->assign(channels, 0.0F);
  gain_.assign(channels, 1.0F);
  a_.assign(channels, 1.0F);
  if (layers_.normalisation) {
    partial_.resize(channels * 2 * static_cast<std::size_t>(reduction_groups()));
    begin_statistics();
  }
}

MemoryNeeds NormalisePoolDrop::needs() const {
  const bool normalises = layers_.normalisation.has_value();
  MemoryNeeds needs;
  needs.forward_in_place = !layers_.pool;
  if (!layers_.training) return needs;
  needs.keeps_input = normalises || layers_.after_relu;
  needs.gradient_over_input = true;
  needs.gradient_in_place = !layers_.pool;
  if (layers_.pool || layers_.dropout) needs.saved = (output().count() + 1) / 2;  // 16 bits each
  return needs;
}

void NormalisePoolDrop::bind(const Buffers& buffers) {
  Operation::bind(buffers);
  winners_ = reinterpret_cast<std::uint16_t*>(buffers.saved);
}

std::size_t NormalisePoolDrop::parameter_count(const ParameterInfo& /*info*/) const {
  return static_cast<std::size_t>(input().blocks()) * static_cast<std::size_t>(input().block);
}

void NormalisePoolDrop::bind_parameter(const ParameterInfo& info, float* value, float* gradient) {
  switch (info.role) {
    case Role::kScale:
      scale_ = value;
      scale_gradient_ = gradient;
      break;
    case Role::kBias:
    case Role::kShift:
      shift_ = value;
      shift_gradient_ = gradient;
      break;
    case Role::kMovingMean:
      moving_mean_ = value;
      break;
    case Role::kMovingVariance:
      moving_variance_ = value;
      break;
    case Role::kKernel:
      break;
  }
}

int NormalisePoolDrop::reduction_groups() const { return std::min(input().batch, kReductionGroups); }
int NormalisePoolDrop::pass_groups() const {
  return input().pixels() < kSmallTile ? reduction_groups() : input().batch;
}

template <class Body>
void NormalisePoolDrop::for_each_task(int groups, Body&& body) const {
  const int blocks = input().blocks(), batch = input().batch;
  parallel_for(std::int64_t{groups} * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t group = i / blocks;
      body(group, Task{static_cast<int>(i % blocks), static_cast<int>(group * batch / groups),
                       static_cast<int>((group + 1) * batch / groups)});
    }
  });
}

NormalisePoolDropTile NormalisePoolDrop::tile(const Task& task) const {
  const auto block = static_cast<std::size_t>(task.block), size = static_cast<std::size_t>(input().block),
             first = static_cast<std::size_t>(task.first);
  NormalisePoolDropTile tile;
  tile.geometry = geometry_;
  tile.images = task.last - task.first;
  tile.in_stride = input().image();
  tile.out_stride = output().image();
  tile.center = mean_.data() + block * size;
  tile.scale = gain_.data() + block * size;
  tile.shift = offset_.data() + block * size;
  tile.x = memory_.input + first * tile.in_stride + block * input().pixels() * size;
  const std::size_t at = first * tile.out_stride + block * output().pixels() * size;
  tile.y = memory_.output + at;
  tile.winners = winners_ == nullptr ? nullptr : winners_ + at;
  // Elements count in blocks of 16, whatever the blocks here.
  const auto blocks_of_16 = static_cast<std::uint64_t>((output().extent.channels + 15) / 16);
  tile.element_stride = blocks_of_16 * output().pixels() * 16;
  tile.first_element = (first_row_ + first) * tile.element_stride +
                       block * size / 16 * output().pixels() * 16 + block * size % 16;
  return tile;
}

NormalisePoolDropGradientTile NormalisePoolDrop::gradient_tile(const Task& task) const {
  const NormalisePoolDropTile forward = tile(task);
  const std::size_t first = static_cast<std::size_t>(task.block) * static_cast<std::size_t>(input().block);
  NormalisePoolDropGradientTile gradient;
  gradient.geometry = geometry_;
  gradient.images = forward.images;
  gradient.in_stride = forward.in_stride;
  gradient.out_stride = forward.out_stride;
  gradient.center = forward.center;
  gradient.a = a_.data() + first;
  gradient.b = b_.data() + first;
  gradient.c = c_.data() + first;
  if (layers_.normalisation || layers_.after_relu) gradient.x = forward.x;
  gradient.dy = memory_.output_gradient + (forward.y - memory_.output);
  gradient.winners = forward.winners;
  if (layers_.dropout && pass_ == Pass::kTraining)
    gradient.dropout_scale = 1.0F / (1.0F - layers_.dropout->rate);
  gradient.relu = layers_.after_relu;
  if (memory_.input_gradient != nullptr) gradient.dx = memory_.input_gradient + (forward.x - memory_.input);
  return gradient;
}

void NormalisePoolDrop::forward(const PassOptions& options) {
  pass_ = options.pass;
  const bool training = pass_ == Pass::kTraining;
  of_batch_ = layers_.normalisation && pass_ != Pass::kInference && !layers_.moving_statistics_only;
  if (of_batch_) {
    measure_batch();
    use_statistics(mean_.data(), variance_.data());
    training ? move_statistics() : sum_statistics();
  } else if (layers_.normalisation) {
    use_statistics(moving_mean_, moving_variance_);
  }
  first_row_ = static_cast<std::uint64_t>(options.first_row);
  DropoutMask dropout;
  if (training && layers_.dropout)
    dropout = {dropout_threshold(layers_.dropout->rate), 1.0F / (1.0F - layers_.dropout->rate), options.seed,
               options.step, layers_.dropout_layer};
  for_each_task(pass_groups(), [&](std::int64_t, const Task& task) {
    NormalisePoolDropTile work = tile(task);
    work.dropout = dropout;
    normalise_pool_drop(input().block, work);
  });
}

double* NormalisePoolDrop::partial(std::int64_t group, const Task& task) {
  return partial_.data() + static_cast<std::size_t>(group) * 2 * mean_.size() +
         static_cast<std::size_t>(task.block) * static_cast<std::size_t>(input().block);
}

// Mean and variance of one tile in two passes, the second over data still in the cache, then of all tiles
// together (Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample
// variances", 1979).
void NormalisePoolDrop::measure_batch() {
  const std::size_t channels = mean_.size(), size = static_cast<std::size_t>(input().block);
  const auto add = [](double& mean, double& squares, double count, double tile_mean, double tile_squares,
                      double tile_count) {
    const double difference = tile_mean - mean, total = count + tile_count;
    mean += difference * tile_count / total;
    squares += tile_squares + difference * difference * count * tile_count / total;
  };
  const auto pixels = static_cast<double>(input().pixels());
  for_each_task(reduction_groups(), [&](std::int64_t group, const Task& task) {
    double *mean = partial(group, task), *squares = mean + channels;
    std::fill_n(mean, size, 0.0);
    std::fill_n(squares, size, 0.0);
    const NormalisePoolDropTile all = tile(task);
    const int step = input().pixels() < kSmallTile ? all.images : 1;
    for (int n = 0; n < all.images; n += step) {
      float tile_mean[16], tile_squares[16];
      channel_moments(input().block, all.x + static_cast<std::size_t>(n) * all.in_stride, step, all.in_stride,
                      input().pixels(), tile_mean, tile_squares);
      for (std::size_t c = 0; c < size; ++c)
        add(mean[c], squares[c], n * pixels, tile_mean[c], tile_squares[c], step * pixels);
    }
  });
  const std::int64_t groups = reduction_groups(), batch = input().batch;
  for (std::size_t c = 0; c < channels; ++c) {
    double mean = 0, squares = 0;
    for (std::int64_t g = 0; g < groups; ++g) {
      const double* of_group = partial_.data() + static_cast<std::size_t>(g) * 2 * channels + c;
      const std::int64_t first = g * batch / groups, last = (g + 1) * batch / groups;
      add(mean, squares, static_cast<double>(first) * pixels, of_group[0], of_group[channels],
          static_cast<double>(last - first) * pixels);
    }
    mean_[c] = static_cast<float>(mean);
    variance_[c] = static_cast<float>(squares / (static_cast<double>(batch) * pixels));
  }
}

// Padding channels keep mean and offset 0, so that they stay 0.
void NormalisePoolDrop::use_statistics(const float* mean, const float* variance) {
  for (std::size_t c = 0; c < channel_count(); ++c) {
    mean_[c] = mean[c];
    inverse_[c] = 1.0F / std::sqrt(variance[c] + layers_.normalisation->epsilon);
    gain_[c] = scale_[c] * inverse_[c];
    offset_[c] = shift_[c];
  }
}

void NormalisePoolDrop::move_statistics() {
  const float keep = layers_.normalisation->momentum;
  for (std::size_t c = 0; c < channel_count(); ++c) {
    moving_mean_[c] = keep * moving_mean_[c] + (1.0F - keep) * mean_[c];
    moving_variance_[c] = keep * moving_variance_[c] + (1.0F - keep) * variance_[c];
  }
}

void NormalisePoolDrop::begin_statistics() {
  if (!layers_.normalisation) return;
  for (std::vector<double>* sums : {&sum_mean_, &sum_square_, &sum_variance_})
    sums->assign(mean_.size(), 0.0);
  measured_ = 0;
}

void NormalisePoolDrop::sum_statistics() {
  for (std::size_t c = 0; c < mean_.size(); ++c) {
    sum_mean_[c] += mean_[c];
    sum_square_[c] += static_cast<double>(mean_[c]) * mean_[c];
    sum_variance_[c] += variance_[c];
  }
  ++measured_;
}

void NormalisePoolDrop::finish_statistics() {
  if (!layers_.normalisation || measured_ == 0) return;
  const auto passes = static_cast<double>(measured_);
  for (std::size_t c = 0; c < channel_count(); ++c) {
    const double mean = sum_mean_[c] / passes;
    moving_mean_[c] = static_cast<float>(mean);
    moving_variance_[c] =
        static_cast<float>(sum_variance_[c] / passes + std::max(sum_square_[c] / passes - mean * mean, 0.0));
  }
}

void NormalisePoolDrop::backward() {
  if (layers_.normalisation) sum_gradients();
  if (memory_.input_gradient == nullptr) return;
  for_each_task(pass_groups(), [&](std::int64_t, const Task& task) {
    normalise_pool_drop_gradient(input().block, gradient_tile(task));
  });
}

// With n values per channel, s the sum of dy and p that of dy * (x - mean): d scale = p / standard deviation,
// d shift = s and dx = scale / standard deviation * (dy - s / n - (x - mean) * p / (n * standard
// deviation^2)); where mean and standard deviation are not the batch's own, only its first term.
void NormalisePoolDrop::sum_gradients() {
  const std::size_t channels = mean_.size(), size = static_cast<std::size_t>(input().block);
  for_each_task(reduction_groups(), [&](std::int64_t group, const Task& task) {
    double *sums = partial(group, task), *products = sums + channels;
    std::fill_n(sums, size, 0.0);
    std::fill_n(products, size, 0.0);
    const int step = input().pixels() < kSmallTile ? task.last - task.first : 1;
    for (int n = task.first; n < task.last; n += step) {
      float sum[16], product[16];
      normalise_pool_drop_sums(input().block, gradient_tile({task.block, n, n + step}), sum, product);
      for (std::size_t c = 0; c < size; ++c) {
        sums[c] += sum[c];
        products[c] += product[c];
      }
    }
  });
  const double count = static_cast<double>(input().batch) * static_cast<double>(input().pixels());
  for (std::size_t c = 0; c < channel_count(); ++c) {
    double sum = 0, product = 0;
    for (int g = 0; g < reduction_groups(); ++g) {
      const double* of_group = partial_.data() + static_cast<std::size_t>(g) * 2 * channels + c;
      sum += of_group[0];
      product += of_group[channels];
    }
    const double inverse = inverse_[c];
    if (scale_gradient_ != nullptr) {
      scale_gradient_[c] = static_cast<float>(product * inverse);
      shift_gradient_[c] = static_cast<float>(sum);
    }
    a_[c] = gain_[c];
    if (!of_batch_) {
      b_[c] = c_[c] = 0.0F;
      continue;
    }
    b_[c] = static_cast<float>(-gain_[c] * inverse * inverse * product / count);
    c_[c] = static_cast<float>(-gain_[c] * sum / count);
  }
}

}  // namespace alexnet::cpu
