// What a run leaves on disk, and who may write there.
//
// Order of writing at the end of an epoch: models, event files, metrics, images, and the checkpoint last.
// Whatever a kill interrupts, the checkpoint says less than the other files, never more: a resumed run makes
// the steps since the checkpoint again, to the same bit, and writes the same files over. Event files are not
// written over: an epoch that has its metrics has reported them, and one killed between the
// two may tell it twice.
#pragma once

#include <cstdint>
#include <filesystem>

#include "alexnet/evaluate.h"
#include "alexnet/model.h"
#include "alexnet/train.h"
#include "train/run/run_files.h"

namespace alexnet {

class RunFolder : public RunFiles {
 public:
  /// UsageError when there is a run in `path` already: something that was learned. What ended before there
  /// was a checkpoint (too many bad images, a learning rate too high) left only its settings, and may be
  /// started again with others.
  static void check_unused(const std::filesystem::path& path);
  /// Where a run goes that was given no folder: runs/<date>-<time>, with a number where that is taken.
  static std::filesystem::path unused_path();
  /// A folder for a new run, created and locked. UsageError when there is a run inside already.
  static RunFolder create(const std::filesystem::path& path);
  /// The folder of a run to resume, locked. DataError when there is none.
  static RunFolder open(const std::filesystem::path& path);

  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  /// Writes last.safetensors, and makes it best.safetensors too. Both atomic.
  void save(const Model& model, bool best) const;
  /// Of all files in it, each once, whatever its number of names.
  std::uint64_t bytes() const;
  void draw_curves(const std::vector<EpochMetrics>& epochs) const;
  void draw_confusion(const std::vector<std::string>& classes, const ConfusionMatrix& confusion) const;

 private:
  /// Locks the folder for this process; UsageError when another one works there.
  explicit RunFolder(std::filesystem::path path);

  int lock_ = -1;
};

}  // namespace alexnet
