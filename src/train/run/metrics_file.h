// metrics.jsonl: one line of JSON per epoch.
#pragma once

#include <filesystem>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/train.h"

namespace alexnet {

/// Replaces the file as a whole, so that whoever reads it never meets half a line.
void write_metrics(const std::filesystem::path& path, const std::vector<EpochMetrics>& epochs);

/// The first `epochs` epochs; what comes after belongs to steps that will be made again. DataError naming the
/// line that is not one of write_metrics().
std::vector<EpochMetrics> read_metrics(const Bytes& file, int epochs);
/// The same of a file; no file: none.
std::vector<EpochMetrics> read_metrics(const std::filesystem::path& path, int epochs);

}  // namespace alexnet
