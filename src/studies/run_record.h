// What a study notes in the folder of each of its runs, so that it knows where it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "alexnet/studies.h"

namespace alexnet {

struct RunRecord {
  StudyRun::State state = StudyRun::State::kWaiting;
  std::string problem;   // why it diverged
  std::string settings;  // as asked for, to_json() of them
};

/// None where no run of a study has been. DataError when it is not a record.
std::optional<RunRecord> read_record(const std::filesystem::path& folder);
void write_record(const std::filesystem::path& folder, const RunRecord& record);

/// The first setting that decides what is computed and is not the same, "lr is 0.02, the run there was made
/// with 0.01"; empty when there is none.
std::string other_setting(const std::string& then, const std::string& now);

}  // namespace alexnet
