#include "inference/image_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "alexnet/error.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

template <class Item>
ImageFeed feed_of_list(std::span<const Item> list) {
  return {.next =
              [list, at = std::size_t{0}]() mutable {
                return at < list.size() ? std::optional<ImageInput>(list[at++]) : std::nullopt;
              },
          .ready = [] { return true; },
          .count = list.size()};
}

/// What is wrong with the image, or nothing.
std::string prepare(const ImageInput& input, const Preprocessing& preprocessing, int channels,
                    std::span<float> chw) {
  std::string problem;
  try {
    input.prepare(preprocessing, channels, chw);
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

ImageFeed feed_of(std::span<const ImageInput> inputs) { return feed_of_list(inputs); }
ImageFeed feed_of(std::span<const std::filesystem::path> files) { return feed_of_list(files); }

ImageStream::ImageStream(const Extent& input, const Preprocessing& preprocessing, std::size_t batch,
                         ImageFeed feed)
    : channels_(input.channels),
      preprocessing_(preprocessing),
      batch_size_(batch),
      row_values_(static_cast<std::size_t>(input.size())),
      feed_(std::move(feed)) {}

/// Asks the feed until `wanted` images wait for a batch, as long as it is ready. Where it may wait, it waits
/// for the first of them alone; for all of them where the feed does not say whether it is ready. There is
/// room for an image before the feed gives it away.
void ImageStream::gather(std::size_t wanted, bool may_wait) {
  const auto is_asked = [&] {
    return feed_.ready ? (may_wait && gathered_.empty()) || feed_.ready() : may_wait;
  };
  while (!ended_ && gathered_.size() < wanted && is_asked()) {
    if (gathered_.size() == gathered_.capacity()) gathered_.reserve(2 * gathered_.size() + 1);
    if (std::optional<ImageInput> input = feed_.next())
      gathered_.push_back(*std::move(input));
    else
      ended_ = true;
  }
}

/// Threads and room for as much as the feed turns out to hold; false where that is nothing.
bool ImageStream::begin() {
  const auto threads = static_cast<std::size_t>(thread_count());
  // One batch is in use; the others keep all workers busy. A feed that is never ready has none to keep busy.
  const std::size_t max = feed_.ready ? 1 + (threads + batch_size_ - 1) / batch_size_ : 1;
  gather(batch_size_, true);
  gather(max * batch_size_, false);
  if (gathered_.empty()) return false;
  const std::size_t rows = ended_ ? std::min(batch_size_, gathered_.size()) : batch_size_;
  const std::size_t slots = ended_ ? (gathered_.size() + rows - 1) / rows : max;
  const std::size_t known = ended_ ? gathered_.size() : slots * rows;
  slots_.resize(slots);
  ring_.emplace(
      BatchRing::Size{slots, rows, row_values_}, known == 1 ? 0 : static_cast<int>(std::min(threads, known)),
      [this](std::size_t slot, std::size_t row, std::span<float> image) {
        slots_[slot].errors[row] = prepare(slots_[slot].inputs[row], preprocessing_, channels_, image);
      });
  return true;
}

void ImageStream::submit_ahead() {
  while (ring_->has_room()) {
    // A batch that is not full waits for more images only as long as others are there to be delivered.
    const bool may_wait = !ring_->has_batches();
    gather(batch_size_, may_wait);
    if (gathered_.empty() || (gathered_.size() < batch_size_ && !ended_ && !may_wait)) return;
    submit();
  }
}

void ImageStream::submit() {
  Slot& slot = slots_[ring_->next_slot()];
  const std::size_t rows = std::min(batch_size_, gathered_.size());
  slot.errors.assign(rows, {});
  slot.inputs.reserve(rows);  // nothing is lost where this throws
  const auto first = gathered_.begin(), last = first + static_cast<std::ptrdiff_t>(rows);
  slot.inputs.assign(std::move_iterator(first), std::move_iterator(last));
  gathered_.erase(first, last);
  ring_->submit(rows);
}

const ImageBatch* ImageStream::next() {
  if (!ring_ && !begin()) return nullptr;
  ring_->release();
  submit_ahead();
  if (!ring_->has_batches()) return nullptr;
  const BatchRing::Filled filled = ring_->take();
  const Slot& slot = slots_[filled.slot];
  current_ = {done_, slot.inputs, slot.errors, filled.images};
  done_ += filled.rows;
  return &current_;
}

void check_takes_images(const NetworkSpec& spec) {
  if (spec.input.channels != 1 && spec.input.channels != 3)
    throw UsageError("model", fmt::format("expects {} channels, but images have 1 or 3", spec.input.channels),
                     "use alexnet forward, which reads raw numbers");
}

}  // namespace alexnet
