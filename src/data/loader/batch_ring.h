// Workers that fill batches of images ahead of the thread that uses them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace alexnet {

/// Batches are submitted, filled and taken in order, in a fixed number of slots: one stays taken while the
/// others are filled, so that memory is bounded however many batches there are. All methods are for one
/// thread, the user's.
class BatchRing {
 public:
  /// Room for `slots` batches (at least 1) of at most `rows` images of `row_values` floats.
  struct Size {
    std::size_t slots = 0, rows = 0, row_values = 0;
  };
  /// Writes one image of the batch in a slot. Called by workers, for several rows at the same time, or
  /// without workers by take(). An exception ends the filling; take() throws it.
  using Fill = std::function<void(std::size_t slot, std::size_t row, std::span<float> image)>;

  /// Without workers, take() fills the batches. DeviceError when so many threads cannot be started.
  BatchRing(const Size& size, int workers, Fill fill);
  ~BatchRing();
  BatchRing(const BatchRing&) = delete;
  BatchRing& operator=(const BatchRing&) = delete;

  /// Whether a slot is free for another batch.
  bool has_room() const;
  /// The slot of the batch that is submitted next. Whatever else the user keeps of a batch may be written
  /// while there is room and before it is submitted.
  std::size_t next_slot() const;
  /// Workers begin to fill a batch of 1 to Size::rows images. There must be room.
  void submit(std::size_t rows);
  /// Whether batches were submitted that were not taken.
  bool has_batches() const;

  struct Filled {
    std::size_t slot = 0, rows = 0;
    std::span<float> images;  // [rows, row_values]
  };
  /// Waits for the oldest batch that was submitted. It is the user's until release(), and only one is at a
  /// time.
  Filled take();
  /// Frees the slot of the batch taken, if there is one.
  void release();

  /// Gives up all batches, the one taken too. No worker is in a row when it returns; the next batch submitted
  /// has slot 0.
  void drop();
  /// For fills that take long: the batch is given up.
  bool dropping() const { return dropping_; }

 private:
  /// Room for one batch; `missing` counts the rows still to be filled.
  struct Slot {
    std::vector<float> images;
    std::size_t rows = 0, missing = 0;
  };

  Slot& slot_of(std::int64_t batch) { return slots_[static_cast<std::size_t>(batch) % slots_.size()]; }
  void start(int workers);
  void work();
  void fill_next_row(std::unique_lock<std::mutex>& lock);
  void stop();

  const std::size_t row_values_;
  const Fill fill_;
  mutable std::mutex mutex_;  // guards what follows, except the rows that workers fill
  std::condition_variable work_there_, something_done_;
  std::vector<Slot> slots_;
  // Numbers of batches: released_ <= taken_ <= submitted_, and workers are at opened_ <= submitted_.
  std::int64_t submitted_ = 0, opened_ = 0, taken_ = 0, released_ = 0;
  std::size_t next_row_ = 0;  // of the batch that is open
  int busy_ = 0;              // workers in a row
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::atomic<bool> dropping_ = false;
  bool computing_ = false;  // a batch was taken
  std::vector<std::thread> threads_;
};

}  // namespace alexnet
