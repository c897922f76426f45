// What a study leaves for people: tables and charts.
#pragma once

#include <filesystem>

#include "alexnet/studies.h"

namespace alexnet {

/// results.md, results.csv, results.json, differences.png, curves.png. Atomic each; DataError.
void write_results(const Study& study, const StudyResult& result, const std::filesystem::path& out);

/// The two charts alone.
void draw_differences(const Study& study, const StudyResult& result, const std::filesystem::path& png);
void draw_learning(const Study& study, const StudyResult& result, const std::filesystem::path& png);

}  // namespace alexnet
