#include "train/listeners/run_writer.h"

#include <system_error>

#include "alexnet/settings.h"
#include "base/file.h"
#include "train/run/environment.h"
#include "train/run/held_out.h"
#include "train/run/metrics_file.h"

namespace alexnet {

void RunFolderWriter::started(const RunStart& start) {
  // Before config.json, which makes a run of the folder.
  if (held_out_) write_held_out(folder_.held_out(), *held_out_);
  if (start.resumed) {
    if (read_file(folder_.config()) != settings_) write_file(folder_.config(), settings_);
    return;
  }
  write_file(folder_.config(), settings_);
  write_file(folder_.environment(), environment_json());
}

void RunFolderWriter::epoch_measured(const EpochReport& report) { folder_.save(report.trained, report.best); }

void ChartsWriter::epoch_measured(const EpochReport& report) {
  folder_.draw_curves(report.epochs);
  if (report.validation && report.best) folder_.draw_confusion(classes_, report.validation->confusion);
}

void RunFolderWriter::checkpoint(const Progress& progress, TrainStep& step) {
  step.save_checkpoint(folder_.checkpoint(),
                       {.progress = progress, .identity = identity_, .settings = settings_});
}

void RunFolderWriter::ended(bool interrupted) {
  if (interrupted || plan_.config.keep_checkpoint) return;
  std::error_code ignored;
  std::filesystem::remove(folder_.checkpoint(), ignored);
}

void MetricsWriter::epoch_measured(const EpochReport& report) { write_metrics(path_, report.epochs); }

void QuarantineWriter::write() {
  quarantine_.add("train", training_.bad_images());
  if (validation_ != nullptr) quarantine_.add("validation", validation_->bad_images());
  quarantine_.write();
}

}  // namespace alexnet
