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

std::size_t feature_bytes(std::size_t pictures, int views, std::int64_t feature_size) {
  return pictures * static_cast<std::size_t>(views) * static_cast<std::size_t>(feature_size) * sizeof(float);
}

FeatureSource::FeatureSource(std::shared_ptr<const ImageSource> source, const LoaderOptions& loading,
                             std::int64_t feature_size, const FeatureOptions& options)
    : source_(std::move(source)),
      loader_(std::make_unique<Loader>(source_, in_whole_batches(loading))),
      options_(options),
      part_(options.batch, options.first_row, options.rows),
      pictures_(source_->size()),
      size_(static_cast<std::size_t>(feature_size)),
      features_(pictures_ * static_cast<std::size_t>(options.views) * size_),
      readable_(pictures_, false),
      next_(batches_per_epoch()) {}

float* FeatureSource::row(int view, std::size_t picture) {
  return features_.data() + (static_cast<std::size_t>(view) * pictures_ + picture) * size_;
}

bool FeatureSource::compute(CompiledNetwork& prefix, const std::function<bool(std::int64_t)>& go_on) {
  std::int64_t done = 0;
  for (int view = 0; view < options_.views; ++view) {
    loader_->start(static_cast<std::uint32_t>(view + 1));
    while (const Batch* batch = loader_->next()) {
      infer(prefix, batch->images);
      const std::span<const float> features = prefix.logits();
      for (std::size_t i = 0; i < batch->indices.size(); ++i) {
        const auto picture = static_cast<std::size_t>(batch->indices[i]);
        std::ranges::copy(features.subspan(i * size_, size_), row(view, picture));
        readable_[picture] = true;
      }
      done += static_cast<std::int64_t>(batch->indices.size());
      if (!go_on(done)) return false;
    }
    if (done == 0) throw DataError("images", fmt::format("none of the {} can be read", pictures_));
  }
  bad_ = loader_->bad_images();
  loader_.reset();
  return true;
}

std::int64_t FeatureSource::batches_per_epoch() const { return part_.batches(pictures_, options_.training); }

void FeatureSource::start(std::uint32_t epoch, std::int64_t first_batch) {
  epoch_ = epoch;
  next_ = first_batch;
  if (options_.shuffle) {
    order_ = epoch_order(pictures_, options_.seed, epoch);
  } else {
    order_.resize(pictures_);
    std::iota(order_.begin(), order_.end(), 0U);
  }
}

std::size_t FeatureSource::picture_at(std::size_t place) const {
  std::size_t picture = order_[place];
  RandomStream substitutes(options_.seed, Purpose::kSubstitute, epoch_, place);
  while (!readable_[picture]) picture = substitutes.below(static_cast<std::uint32_t>(pictures_));
  return picture;
}

/// Adds the image at a place of the epoch to the batch; in an evaluation one that cannot be read is left
/// out, as a Loader does.
void FeatureSource::add_row(std::size_t place) {
  if (!options_.training && !readable_[order_[place]]) return;
  const std::size_t picture = picture_at(place);
  RandomStream draw(options_.seed, Purpose::kCrop, epoch_, place);
  const auto view = static_cast<int>(draw.below(static_cast<std::uint32_t>(options_.views)));
  rows_.push_back(row(view, picture));
  indices_.push_back(static_cast<std::int64_t>(picture));
  labels_.push_back(source_->label(picture));
}

const Batch* FeatureSource::next() {
  if (loader_) return nullptr;
  while (next_ < batches_per_epoch()) {
    const BatchPart::Places places = part_.of_batch(next_++, pictures_);
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
