// Names of files in the folders of runs and studies, by which such folders are recognised.
#pragma once

namespace alexnet {

inline constexpr const char* kRunConfig = "config.json";
inline constexpr const char* kRunEnvironment = "environment.json";
inline constexpr const char* kRunMetrics = "metrics.jsonl";
inline constexpr const char* kRunCheckpoint = "checkpoint.safetensors";
inline constexpr const char* kBestModel = "best.safetensors";
inline constexpr const char* kLastModel = "last.safetensors";

/// Of a run that a study makes.
inline constexpr const char* kStudyRecord = "ablation.json";
/// Of the study itself.
inline constexpr const char* kStudyTable = "results.md";
inline constexpr const char* kStudyRows = "results.csv";
inline constexpr const char* kStudyResults = "results.json";

}  // namespace alexnet
