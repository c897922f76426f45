// What people should know about a run that is resumed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/plan/plan.h"
#include "train/run/run_files.h"
#include "train/step/checkpoint.h"

namespace alexnet {

/// Files of the run that are no longer there: the best model, and rows of metrics.jsonl, which holds `rows`
/// of whole epochs. Without its model the best epoch so far counts no longer.
void note_lost_files(std::vector<std::string>& notes, const RunFiles& files, std::int64_t rows,
                     Progress& progress);

/// A learning rate that is another for the next step than with the settings before.
void note_other_rate(std::vector<std::string>& notes, const Plan& plan, const TrainConfig& before,
                     std::int64_t steps_per_epoch, const Progress& progress);

/// That there are no more epochs to train, and how to train further.
void note_finished(std::vector<std::string>& notes, const TrainConfig& config, const Progress& progress);

}  // namespace alexnet
