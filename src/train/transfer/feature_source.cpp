#include "train/transfer/feature_source.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "fmt/format.h"
#include "inference/session.h"

namespace alexnet {
namespace {

LoaderOptions in_whole_batches(LoaderOptions loading) {
  loading.first_row = loading.rows = 0;
  return loading;
}

}  // namespace

std::size_t feature_bytes(std::size_t images, int views, std::int64_t feature_size) {
  return images * static_cast<std::size_t>(views) * static_cast<std::size_t>(feature_size) * sizeof(float);
}

FeatureSource::FeatureSource(std::shared_ptr<const ImageSource> source, const LoaderOptions& loading,
                             std::int64_t feature_size, const FeatureOptions& options)
    : source_(std::move(source)),
      loader_(std::make_unique<Loader>(source_, in_whole_batches(loading))),
      options_(options),
      part_(options.batch, options.first_row, options.rows),
      image_count_(source_->size()),
      size_(static_cast<std::size_t>(feature_size)),
      features_(image_count_ * static_cast<std::size_t>(options.views) * size_),
      readable_(image_count_, false),
      next_(batches_per_epoch()) {}

float* FeatureSource::row(int view, std::size_t image) {
  return features_.data() + (static_cast<std::size_t>(view) * image_count_ + image) * size_;
}

bool FeatureSource::compute(CompiledNetwork& prefix, const std::function<bool(std::int64_t)>& go_on) {
  std::int64_t done = 0;
  for (int view = 0; view < options_.views; ++view) {
    loader_->start(static_cast<std::uint32_t>(view + 1));
    while (const Batch* batch = loader_->next()) {
      infer(prefix, batch->images);
      const std::span<const float> features = prefix.logits();
      for (std::size_t i = 0; i < batch->indices.size(); ++i) {
        const auto image = static_cast<std::size_t>(batch->indices[i]);
        std::ranges::copy(features.subspan(i * size_, size_), row(view, image));
        readable_[image] = true;
      }
      done += static_cast<std::int64_t>(batch->indices.size());
      if (!go_on(done)) return false;
    }
    if (done == 0) throw DataError("images", fmt::format("none of the {} can be read", image_count_));
  }
  bad_ = loader_->bad_images();
  loader_.reset();
  return true;
}

std::int64_t FeatureSource::batches_per_epoch() const {
  return part_.batches(image_count_, options_.training);
}

void FeatureSource::start(std::uint32_t epoch, std::int64_t first_batch) {
  epoch_ = epoch;
  next_ = first_batch;
  if (options_.shuffle) {
    order_ = epoch_order(image_count_, options_.seed, epoch);
  } else {
    order_.resize(image_count_);
    std::iota(order_.begin(), order_.end(), 0U);
  }
}

std::size_t FeatureSource::image_at(std::size_t place) const {
  std::size_t image = order_[place];
  RandomStream substitutes(options_.seed, Purpose::kSubstitute, epoch_, place);
  while (!readable_[image]) image = substitutes.below(static_cast<std::uint32_t>(image_count_));
  return image;
}

/// Adds the image at a place of the epoch to the batch; in an evaluation one that cannot be read is left
/// out, as a Loader does.
void FeatureSource::add_row(std::size_t place) {
  if (!options_.training && !readable_[order_[place]]) return;
  const std::size_t image = image_at(place);
  RandomStream draw(options_.seed, Purpose::kCrop, epoch_, place);
  const auto view = static_cast<int>(draw.below(static_cast<std::uint32_t>(options_.views)));
  rows_.push_back(row(view, image));
  indices_.push_back(static_cast<std::int64_t>(image));
  labels_.push_back(source_->label(image));
}

const Batch* FeatureSource::next() {
  if (loader_) return nullptr;
  while (next_ < batches_per_epoch()) {
    const BatchPart::Places places = part_.of_batch(next_++, image_count_);
    rows_.clear();
    indices_.clear();
    labels_.clear();
    for (std::size_t i = 0; i < places.count; ++i) add_row(places.first + i);
    if (rows_.empty()) continue;
    images_.resize(rows_.size() * size_);
    parallel_for(static_cast<std::int64_t>(rows_.size()), 1, [&](std::int64_t begin, std::int64_t stop) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(stop); ++i)
        std::copy_n(rows_[i], size_, images_.begin() + static_cast<std::ptrdiff_t>(i * size_));
    });
    batch_ = {images_, labels_, indices_};
    return &batch_;
  }
  return nullptr;
}

}  // namespace alexnet
