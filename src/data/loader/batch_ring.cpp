#include "data/loader/batch_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "base/parallel.h"

namespace alexnet {

BatchRing::BatchRing(const Size& size, int workers, Fill fill)
    : row_values_(size.row_values), fill_(std::move(fill)), slots_(size.slots) {
  for (Slot& slot : slots_) slot.images.resize(size.rows * row_values_);
  try {
    start(workers);
  } catch (...) {
    stop();  // or those that were started would end the program
    throw;
  }
}

void BatchRing::start(int workers) {
  try {
    threads_.reserve(static_cast<std::size_t>(workers));
    for (int w = 0; w < workers; ++w) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    throw DeviceError("workers", fmt::format("{} threads cannot be started ({})", workers, error.what()),
                      "choose a smaller number");
  }
}

BatchRing::~BatchRing() { stop(); }

void BatchRing::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = dropping_ = true;
  }
  work_there_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BatchRing::work() {
  bool gives_way = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    work_there_.wait(lock, [this] { return stopping_ || (!dropping_ && !failure_ && opened_ < submitted_); });
    if (stopping_) return;
    // Until the first batch is taken the user has nothing to do but wait for it.
    if (!gives_way && computing_) {
      gives_way = true;
      lock.unlock();
      give_way_to_computing();
      lock.lock();
    } else {
      fill_next_row(lock);
    }
  }
}

/// The next row of the oldest batch that has rows left, without the lock. There must be one.
void BatchRing::fill_next_row(std::unique_lock<std::mutex>& lock) {
  Slot& slot = slot_of(opened_);
  const std::size_t row = next_row_++;
  if (next_row_ == slot.rows) {
    ++opened_;
    next_row_ = 0;
  }
  ++busy_;
  lock.unlock();
  std::exception_ptr error;
  try {
    fill_(static_cast<std::size_t>(&slot - slots_.data()), row,
          std::span(slot.images).subspan(row * row_values_, row_values_));
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  --busy_;
  if (error && !failure_) failure_ = error;
  if (--slot.missing == 0 || failure_ || busy_ == 0) something_done_.notify_all();
}

bool BatchRing::has_room() const {
  const std::lock_guard lock(mutex_);
  return submitted_ < released_ + static_cast<std::int64_t>(slots_.size());
}

std::size_t BatchRing::next_slot() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(submitted_) % slots_.size();
}

void BatchRing::submit(std::size_t rows) {
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slot_of(submitted_++);
    slot.rows = slot.missing = rows;
  }
  work_there_.notify_all();
}

bool BatchRing::has_batches() const {
  const std::lock_guard lock(mutex_);
  return taken_ < submitted_;
}

BatchRing::Filled BatchRing::take() {
  std::unique_lock lock(mutex_);
  Slot& slot = slot_of(taken_);
  while (threads_.empty() && slot.missing > 0 && !failure_) fill_next_row(lock);
  something_done_.wait(lock, [&] { return failure_ || slot.missing == 0; });
  if (failure_) std::rethrow_exception(failure_);
  ++taken_;
  computing_ = true;
  return {static_cast<std::size_t>(&slot - slots_.data()), slot.rows,
          std::span(slot.images).first(slot.rows * row_values_)};
}

void BatchRing::release() {
  const std::lock_guard lock(mutex_);
  released_ = taken_;
}

void BatchRing::drop() {
  std::unique_lock lock(mutex_);
  dropping_ = true;
  something_done_.wait(lock, [this] { return busy_ == 0; });
  dropping_ = false;
  failure_ = nullptr;
  submitted_ = opened_ = taken_ = released_ = 0;
  next_row_ = 0;
}

}  // namespace alexnet
