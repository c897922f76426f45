// Confusion matrices as images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace alexnet {

/// Confusion matrix as a PNG: truth down, prediction across, rows as fractions; of more than 1000 classes,
/// neighbours share a cell, which has the name of the first. counts[truth * n + predicted]. Atomic;
/// DataError when the file cannot be written.
void draw_confusion(const std::filesystem::path& png, const std::vector<std::string>& classes,
                    std::span<const std::int64_t> counts);

}  // namespace alexnet
