#include "data/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>

#include "alexnet/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "data/augmentation.h"
#include "data/load_middle.h"
#include "data/pixel_cache.h"
#include "data/unreadable.h"
#include "image/preparation.h"

namespace alexnet {
namespace {

constexpr std::int64_t kLeftOut = -1;  // index of a picture that could not be read

/// Room for one batch. Workers write rows; `missing` counts those still to come.
struct Slot {
  std::vector<float> images;
  std::vector<int> labels;
  std::vector<std::int64_t> indices;
  std::int64_t batch = -1;  // which one is in it
  std::size_t rows = 0, missing = 0;
};

std::size_t cached_pictures(const LoaderOptions& options, std::size_t pictures, std::size_t bytes_each) {
  if (options.cache == Cache::kOff) return 0;
  const std::size_t budget = options.cache_bytes > 0 ? options.cache_bytes : available_memory() / 3;
  const std::size_t fit = std::min(budget / bytes_each, pictures);
  return options.cache == Cache::kAuto && fit < pictures ? 0 : fit;
}

void check_options(const LoaderOptions& options, std::size_t pictures) {
  if (options.batch < 1) throw UsageError("batch", fmt::format("{} pictures make no batch", options.batch));
  if (options.training && pictures < static_cast<std::size_t>(options.batch))
    throw UsageError("batch",
                     fmt::format("{} is more than the {} training pictures", options.batch, pictures),
                     "choose a smaller batch");
  if (pictures > std::numeric_limits<std::uint32_t>::max())
    throw DataError("pictures", fmt::format("{} are more than can be counted in 32 bits", pictures));
}

}  // namespace

std::vector<std::uint32_t> epoch_order(std::size_t pictures, std::uint64_t seed, std::uint32_t epoch) {
  std::vector<std::uint32_t> order(pictures);
  std::iota(order.begin(), order.end(), 0U);
  RandomStream(seed, Purpose::kShuffle, epoch, 0).shuffle(order);
  return order;
}

struct Loader::State {
  State(std::shared_ptr<const ImageSource> from, LoaderOptions with)
      : source((check_options(with, from->size()), std::move(from))),
        options(std::move(with)),
        pictures(source->size()),
        augmentation(options),
        row_values(augmentation.row_values()),
        cache(cached_pictures(options, pictures, augmentation.middle_bytes()), augmentation.middle_bytes()),
        unreadable(pictures, options.strict, options.max_bad) {
    make_slots();
    start_workers();
  }

  ~State() { stop_workers(); }

  void start_workers() {
    const int count = std::max(options.workers, 1);
    try {
      for (int w = 0; w < count; ++w) threads.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      stop_workers();
      throw DeviceError("workers", fmt::format("{} threads cannot be had ({})", count, error.what()),
                        "choose fewer");
    }
  }

  void stop_workers() {
    {
      const std::lock_guard lock(mutex);
      stopping = abandoned = true;
    }
    work_there.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void make_slots() {
    const std::size_t count = static_cast<std::size_t>(std::max(options.ring, 2));
    const std::size_t rows =
        std::min(static_cast<std::size_t>(options.batch), std::max<std::size_t>(pictures, 1));
    const std::size_t bytes = count * rows * row_values * sizeof(float);
    if (bytes > available_memory())
      throw DeviceError("batch",
                        fmt::format("{} batches of {} pictures take {} where {} are free", count, rows,
                                    gigabytes(bytes), gigabytes(available_memory())),
                        "choose a smaller batch");
    slots.resize(count);
    for (Slot& slot : slots) {
      slot.images.resize(rows * row_values);
      slot.labels.resize(rows);
      slot.indices.resize(rows);
    }
  }

  std::int64_t batches() const {
    const auto all = static_cast<std::int64_t>(pictures);
    return options.training ? all / options.batch : (all + options.batch - 1) / options.batch;
  }

  Slot& slot_of(std::int64_t batch) { return slots[static_cast<std::size_t>(batch) % slots.size()]; }

  // ---- Workers: each takes the next picture of the oldest batch that is not finished.

  bool has_work() const {
    return !failure && opened < batches_end && opened < released + static_cast<std::int64_t>(slots.size());
  }

  void work() {
    give_way_to_computing();
    std::unique_lock lock(mutex);
    for (;;) {
      work_there.wait(lock, [this] { return stopping || (!abandoned && has_work()); });
      if (stopping) return;
      Slot& slot = slot_of(opened);
      const std::size_t row = next_row++;
      if (row == 0) open(slot);
      if (next_row == slot.rows) {
        ++opened;
        next_row = 0;
      }
      ++busy;
      lock.unlock();
      std::exception_ptr error;
      try {
        fill(slot, row);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      --busy;
      if (error && !failure) failure = error;
      if (--slot.missing == 0 || failure || busy == 0) something_done.notify_all();
    }
  }

  void open(Slot& slot) const {
    const std::int64_t first = opened * options.batch;
    slot.batch = opened;
    slot.rows = static_cast<std::size_t>(
        std::min<std::int64_t>(options.batch, static_cast<std::int64_t>(pictures) - first));
    slot.missing = slot.rows;
  }

  void fill(Slot& slot, std::size_t row) {
    const std::uint64_t position =
        static_cast<std::uint64_t>(slot.batch) * static_cast<std::uint64_t>(options.batch) + row;
    std::size_t index = order.empty() ? position : order[position];
    Image image;
    const std::uint8_t* pixels = middle_of(index, image);
    RandomStream substitutes(options.seed, Purpose::kSubstitute, epoch, position);
    while (pixels == nullptr && options.training) {
      if (abandoned) return;
      if (unreadable.all()) throw DataError("pictures", fmt::format("none of the {} can be read", pictures));
      index = substitutes.below(static_cast<std::uint32_t>(pictures));
      pixels = middle_of(index, image);
    }
    slot.indices[row] = pixels == nullptr ? kLeftOut : static_cast<std::int64_t>(index);
    if (pixels == nullptr) return;
    slot.labels[row] = source->label(index);
    augmentation.apply(pixels, epoch, position, slot.images.data() + row * row_values);
  }

  /// Scaled 8-bit pixels of a picture, in the cache or in `image`; null when it cannot be read.
  const std::uint8_t* middle_of(std::size_t index, Image& image) {
    if (const std::uint8_t* kept = cache.find(index)) return kept;
    if (unreadable.contains(index)) {
      unreadable.check();
      return nullptr;
    }
    try {
      image = load_middle(*source, index, options.channels, options.preprocessing.resize,
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
    std::unique_lock lock(mutex);
    abandoned = true;
    something_done.wait(lock, [this] { return busy == 0; });
    abandoned = false;
    failure = nullptr;
    epoch = new_epoch;
    if (options.shuffle) order = epoch_order(pictures, options.seed, epoch);
    for (Slot& slot : slots) slot.batch = -1;
    batches_end = batches();
    opened = released = next_batch = std::clamp<std::int64_t>(first_batch, 0, batches_end);
    next_row = 0;
    waited = 0;
    work_there.notify_all();
  }

  const Batch* next() {
    std::unique_lock lock(mutex);
    while (next_batch < batches_end) {
      release_before(next_batch);
      Slot& slot = slot_of(next_batch);
      wait_for(slot, lock);
      ++next_batch;
      if (const std::size_t rows = close_gaps(slot); rows > 0) {
        current = {
            {slot.images.data(), rows * row_values}, {slot.labels.data(), rows}, {slot.indices.data(), rows}};
        return &current;
      }
    }
    release_before(next_batch);
    return nullptr;
  }

  void release_before(std::int64_t batch) {
    if (released == batch) return;
    released = batch;
    work_there.notify_all();
  }

  void wait_for(const Slot& slot, std::unique_lock<std::mutex>& lock) {
    const auto begin = std::chrono::steady_clock::now();
    something_done.wait(lock, [&] { return failure || (slot.batch == next_batch && slot.missing == 0); });
    waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (failure) std::rethrow_exception(failure);
  }

  /// Moves the rows that could be read together; returns their number.
  std::size_t close_gaps(Slot& slot) const {
    std::size_t good = 0;
    for (std::size_t row = 0; row < slot.rows; ++row) {
      if (slot.indices[row] == kLeftOut) continue;
      if (good != row) {
        std::memcpy(slot.images.data() + good * row_values, slot.images.data() + row * row_values,
                    row_values * sizeof(float));
        slot.labels[good] = slot.labels[row];
        slot.indices[good] = slot.indices[row];
      }
      ++good;
    }
    return good;
  }

  const std::shared_ptr<const ImageSource> source;
  const LoaderOptions options;
  const std::size_t pictures;
  const Augmentation augmentation;
  const std::size_t row_values;
  PixelCache cache;
  Unreadable unreadable;

  mutable std::mutex mutex;  // guards what follows, except the rows that workers fill
  std::condition_variable work_there, something_done;
  std::vector<Slot> slots;
  std::vector<std::uint32_t> order;  // empty: as the source has them
  std::uint32_t epoch = 0;
  std::int64_t batches_end = 0;
  std::int64_t released = 0;    // batches before this one are no longer looked at
  std::int64_t next_batch = 0;  // the one that next() gives next
  std::int64_t opened = 0;      // the one that workers take pictures of, from next_row on
  std::size_t next_row = 0;
  int busy = 0;  // workers with a picture in hand
  std::exception_ptr failure;
  bool stopping = false;
  std::atomic<bool> abandoned = false;  // the pictures in hand are no longer wanted
  double waited = 0;
  Batch current;
  std::vector<std::thread> threads;
};

Loader::Loader(std::shared_ptr<const ImageSource> source, LoaderOptions options)
    : state_(std::make_unique<State>(std::move(source), std::move(options))) {}

Loader::~Loader() = default;

std::int64_t Loader::batches_per_epoch() const { return state_->batches(); }

void Loader::start(std::uint32_t epoch, std::int64_t first_batch) { state_->start(epoch, first_batch); }

const Batch* Loader::next() { return state_->next(); }

double Loader::waited() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waited;
}

std::vector<BadImage> Loader::bad_images() const { return state_->unreadable.list(); }

}  // namespace alexnet
