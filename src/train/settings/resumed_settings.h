// Which settings a run may be resumed with: those that the table marks as resumable.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "alexnet/train.h"

namespace alexnet {

/// Sets what is to change when the run in the folder `run` is resumed. UsageError naming a setting that
/// cannot change, with both values.
void apply_changes(TrainConfig& config, std::span<const SettingChange> changes,
                   const std::filesystem::path& run);

/// DataError naming `file` where it holds a setting that the run was not started with and that cannot change,
/// with both values.
void check_resumable(const TrainConfig& config, const TrainConfig& started, const std::string& file);

}  // namespace alexnet
