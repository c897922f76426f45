#include "inference/picture_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "alexnet/error.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

template <class Item>
PictureFeed feed_of_list(std::span<const Item> list) {
  return [list, at = std::size_t{0}]() mutable {
    return at < list.size() ? std::optional<Picture>(list[at++]) : std::nullopt;
  };
}

/// What is wrong with the picture, or nothing.
std::string prepare(const Picture& picture, const Preprocessing& preprocessing, int channels,
                    std::span<float> chw) {
  std::string problem;
  try {
    picture.prepare(preprocessing, channels, chw);
    return problem;
  } catch (const Error& error) {
    problem = error.fix().empty() ? error.problem() : error.problem() + "; " + error.fix();
  } catch (const std::bad_alloc&) {
    problem = "does not fit in memory";
  }
  std::ranges::fill(chw, 0.0F);
  return problem;
}

}  // namespace

PictureFeed feed_of(std::span<const Picture> pictures) { return feed_of_list(pictures); }
PictureFeed feed_of(std::span<const std::filesystem::path> files) { return feed_of_list(files); }

PictureStream::PictureStream(const Extent& input, const Preprocessing& preprocessing, std::size_t batch,
                             PictureFeed feed)
    : channels_(input.channels),
      preprocessing_(preprocessing),
      batch_size_(batch),
      row_values_(static_cast<std::size_t>(input.size())),
      feed_(std::move(feed)),
      upcoming_(feed_()) {}

std::vector<Picture> PictureStream::pull() {
  std::vector<Picture> pictures;
  while (upcoming_ && pictures.size() < batch_size_) {
    pictures.push_back(*std::move(upcoming_));
    upcoming_ = feed_();
  }
  return pictures;
}

/// Threads and room for as much as the feed turns out to hold.
void PictureStream::begin() {
  std::vector<Picture> first = pull();
  const std::size_t rows = first.size(), threads = static_cast<std::size_t>(thread_count());
  const bool more = upcoming_.has_value();
  const std::size_t workers = more ? threads : std::min(threads, rows);
  // One batch is in use; the others keep all workers busy.
  slots_.resize(more ? 1 + (workers + rows - 1) / rows : 1);
  if (rows == 1 && !more) {
    slots_[0] = {std::move(first), {{}}};
    return;
  }
  ring_.emplace(BatchRing::Size{slots_.size(), rows, row_values_}, static_cast<int>(workers),
                [this](std::size_t slot, std::size_t row, std::span<float> image) {
                  slots_[slot].errors[row] =
                      prepare(slots_[slot].pictures[row], preprocessing_, channels_, image);
                });
  submit(std::move(first));
}

void PictureStream::submit(std::vector<Picture> pictures) {
  Slot& slot = slots_[ring_->next_slot()];
  slot.pictures = std::move(pictures);
  slot.errors.assign(slot.pictures.size(), {});
  ring_->submit(slot.pictures.size());
}

const PictureBatch* PictureStream::single() {
  if (done_ > 0) return nullptr;
  ++done_;
  Slot& slot = slots_[0];
  single_.resize(row_values_);
  slot.errors[0] = prepare(slot.pictures[0], preprocessing_, channels_, single_);
  current_ = {0, slot.pictures, slot.errors, single_};
  return &current_;
}

const PictureBatch* PictureStream::next() {
  if (slots_.empty()) {
    if (!upcoming_) return nullptr;
    begin();
  }
  if (!ring_) return single();
  ring_->release();
  while (upcoming_ && ring_->has_room()) submit(pull());
  if (!ring_->has_batches()) return nullptr;
  const BatchRing::Filled filled = ring_->take();
  const Slot& slot = slots_[filled.slot];
  current_ = {done_, slot.pictures, slot.errors, filled.images};
  done_ += filled.rows;
  return &current_;
}

void check_takes_pictures(const NetworkSpec& spec) {
  if (spec.input.channels != 1 && spec.input.channels != 3)
    throw UsageError("model", fmt::format("takes {} channels, pictures have 1 or 3", spec.input.channels),
                     "give it raw numbers (forward)");
}

}  // namespace alexnet
