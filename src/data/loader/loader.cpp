#include "data/loader/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "alexnet/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/stopwatch.h"
#include "data/augment/augmentation.h"
#include "data/loader/batch_part.h"
#include "data/loader/batch_ring.h"
#include "data/loader/pixel_cache.h"
#include "data/loader/unreadable.h"
#include "data/sources/load_middle.h"
#include "image/preparation.h"

namespace alexnet {
namespace {

constexpr std::int64_t kLeftOut = -1;  // index of an image that could not be read

/// What is known of a batch beside its images.
struct Rows {
  std::uint64_t first = 0;  // place of row 0 in the epoch
  std::vector<int> labels;
  std::vector<std::int64_t> indices;
};

std::size_t cached_images(const LoaderOptions& options, std::size_t images, std::size_t bytes_each) {
  if (options.cache == Cache::kOff) return 0;
  const std::size_t budget = options.cache_bytes > 0 ? options.cache_bytes : available_memory() / 3;
  const std::size_t fit = std::min(budget / bytes_each, images);
  return options.cache == Cache::kAuto && fit < images ? 0 : fit;
}

void check_images(const LoaderOptions& options, std::size_t images) {
  if (options.training && images < static_cast<std::size_t>(options.batch))
    throw UsageError("batch", fmt::format("{} is more than the {} training images", options.batch, images),
                     "choose a smaller batch");
  if (images > std::numeric_limits<std::uint32_t>::max())
    throw DataError("images", fmt::format("{} are more than can be counted in 32 bits", images));
}

}  // namespace

std::vector<std::uint32_t> epoch_order(std::size_t images, std::uint64_t seed, std::uint32_t epoch) {
  std::vector<std::uint32_t> order(images);
  std::iota(order.begin(), order.end(), 0U);
  RandomStream(seed, Purpose::kShuffle, epoch, 0).shuffle(order);
  return order;
}

struct Loader::State {
  State(std::shared_ptr<const ImageSource> from, LoaderOptions with)
      : source(std::move(from)),
        options(std::move(with)),
        part(options.batch, options.first_row, options.rows),
        images((check_images(options, source->size()), source->size())),
        augmentation(options.augment, options.preprocessing, options.channels, options.seed),
        row_values(augmentation.row_values()),
        cache(cached_images(options, images, augmentation.middle_bytes()), augmentation.middle_bytes()),
        unreadable(images, part.of_epoch(images), options.strict, options.max_bad),
        rows(static_cast<std::size_t>(std::max(options.ring, 2))),
        next_batch(batches()),
        ring(ring_size(), std::max(options.workers, 1),
             [this](std::size_t slot, std::size_t row, std::span<float> image) {
               fill(rows[slot], row, image);
             }) {}

  BatchRing::Size ring_size() {
    const std::size_t batch_rows =
        std::min(static_cast<std::size_t>(part.rows()), std::max<std::size_t>(images, 1));
    const std::size_t bytes = rows.size() * batch_rows * row_values * sizeof(float);
    if (bytes > available_memory())
      throw DeviceError("batch",
                        fmt::format("{} batches of {} images need {}, but only {} are free", rows.size(),
                                    batch_rows, memory_text(bytes), memory_text(available_memory())),
                        "choose a smaller batch");
    for (Rows& batch : rows) {
      batch.labels.resize(batch_rows);
      batch.indices.resize(batch_rows);
    }
    return {rows.size(), batch_rows, row_values};
  }

  std::int64_t batches() const { return part.batches(images, options.training); }

  // ---- On the workers' threads.

  void fill(Rows& batch, std::size_t row, std::span<float> values) {
    const std::uint64_t position = batch.first + row;
    std::size_t index = order.empty() ? position : order[position];
    Image image;
    const std::uint8_t* pixels = middle_of(index, image);
    RandomStream substitutes(options.seed, Purpose::kSubstitute, epoch, position);
    while (pixels == nullptr && options.training) {
      if (ring.dropping()) return;
      if (unreadable.all()) throw DataError("images", fmt::format("none of the {} can be read", images));
      index = substitutes.below(static_cast<std::uint32_t>(images));
      pixels = middle_of(index, image);
    }
    batch.indices[row] = pixels == nullptr ? kLeftOut : static_cast<std::int64_t>(index);
    if (pixels == nullptr) return;
    batch.labels[row] = source->label(index);
    augmentation.apply(pixels, epoch, position, values.data());
  }

  /// Scaled 8-bit pixels of an image, in the cache or in `image`; null when it cannot be read.
  const std::uint8_t* middle_of(std::size_t index, Image& image) {
    if (const std::uint8_t* kept = cache.find(index)) return kept;
    if (unreadable.look_at(index)) {
      unreadable.check();
      return nullptr;
    }
    try {
      image = load_middle(*source, index, options.channels, options.preprocessing,
                          augmentation.middle_width(), augmentation.middle_height());
    } catch (const DataError& error) {
      unreadable.add({index, source->name(index), error.problem()});
      return nullptr;
    }
    cache.offer(index, image.pixels);
    return image.pixels.data();
  }

  // ---- The caller's side.

  void start(std::uint32_t new_epoch, std::int64_t first_batch) {
    ring.drop();
    epoch = new_epoch;
    if (options.shuffle) order = epoch_order(images, options.seed, epoch);
    next_batch = std::clamp<std::int64_t>(first_batch, 0, batches());
    waited = 0;
    submit_ahead();
  }

  void submit_ahead() {
    for (; next_batch < batches() && ring.has_room(); ++next_batch) {
      const BatchPart::Places places = part.of_batch(next_batch, images);
      if (places.count == 0) continue;
      rows[ring.next_slot()].first = places.first;
      ring.submit(places.count);
    }
  }

  const Batch* next() {
    for (;;) {
      ring.release();
      submit_ahead();
      if (!ring.has_batches()) return nullptr;
      const Stopwatch clock;
      const BatchRing::Filled filled = ring.take();
      waited += clock.seconds();
      Rows& batch = rows[filled.slot];
      if (const std::size_t good = close_gaps(batch, filled); good > 0) {
        current = {filled.images.first(good * row_values),
                   {batch.labels.data(), good},
                   {batch.indices.data(), good}};
        return &current;
      }
    }
  }

  /// Moves the rows that could be read together; returns their number.
  std::size_t close_gaps(Rows& batch, const BatchRing::Filled& filled) const {
    std::size_t good = 0;
    for (std::size_t row = 0; row < filled.rows; ++row) {
      if (batch.indices[row] == kLeftOut) continue;
      if (good != row) {
        std::ranges::copy(filled.images.subspan(row * row_values, row_values),
                          filled.images.begin() + static_cast<std::ptrdiff_t>(good * row_values));
        batch.labels[good] = batch.labels[row];
        batch.indices[good] = batch.indices[row];
      }
      ++good;
    }
    return good;
  }

  const std::shared_ptr<const ImageSource> source;
  const LoaderOptions options;
  const BatchPart part;
  const std::size_t images;
  const Augmentation augmentation;
  const std::size_t row_values;
  PixelCache cache;
  Unreadable unreadable;
  // Workers read these of an epoch; start() changes them while none is at work.
  std::vector<std::uint32_t> order;  // empty: as the source has them
  std::uint32_t epoch = 0;
  std::vector<Rows> rows;   // of the ring's slots
  std::int64_t next_batch;  // the one that is submitted next; at first as at the end of an epoch
  double waited = 0;
  Batch current;
  BatchRing ring;  // the last member: its workers use the others
};

Loader::Loader(std::shared_ptr<const ImageSource> source, LoaderOptions options)
    : state_(std::make_unique<State>(std::move(source), std::move(options))) {}

Loader::~Loader() = default;

std::int64_t Loader::batches_per_epoch() const { return state_->batches(); }

void Loader::start(std::uint32_t epoch, std::int64_t first_batch) { state_->start(epoch, first_batch); }

const Batch* Loader::next() { return state_->next(); }

double Loader::waited() const { return state_->waited; }

std::vector<BadImage> Loader::bad_images() const { return state_->unreadable.list(); }

}  // namespace alexnet
