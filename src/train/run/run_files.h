// What lies where in the folder of a run.
#pragma once

#include <filesystem>
#include <utility>

#include "base/run_file_names.h"

namespace alexnet {

class RunFiles {
 public:
  explicit RunFiles(std::filesystem::path folder) : path_(std::move(folder)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / kRunConfig; }
  std::filesystem::path environment() const { return path_ / kRunEnvironment; }
  std::filesystem::path metrics() const { return path_ / kRunMetrics; }
  std::filesystem::path checkpoint() const { return path_ / kRunCheckpoint; }
  std::filesystem::path last() const { return path_ / kLastModel; }
  std::filesystem::path best() const { return path_ / kBestModel; }
  std::filesystem::path tensorboard() const { return path_ / "tensorboard"; }
  std::filesystem::path quarantine() const { return path_ / "quarantine.jsonl"; }
  std::filesystem::path held_out() const { return path_ / "held-out.jsonl"; }

 private:
  std::filesystem::path path_;
};

}  // namespace alexnet
