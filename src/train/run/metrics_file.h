// metrics.jsonl: one line of JSON per epoch.
#pragma once

#include <filesystem>
#include <vector>

#include "alexnet/train.h"

namespace alexnet {

/// Replaces the file as a whole, so that whoever reads it never meets half a line.
void write_metrics(const std::filesystem::path& path, const std::vector<EpochMetrics>& epochs);

/// The first `epochs` epochs; what comes after belongs to steps that will be made again. No file: none.
/// DataError naming the line that is not one of write_metrics().
std::vector<EpochMetrics> read_metrics(const std::filesystem::path& path, int epochs);

}  // namespace alexnet
