// What TensorBoard shows of a folder of event files, as our own reader and as its own loader find it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/tensorboard/event_records.h"

namespace alexnet {

/// Everything in the files of a folder, in the order of their names; what a restart takes back is taken back.
struct Shown {
  std::map<std::string, std::map<std::int64_t, events::Summary::Value>> values;
  int graphs = 0, files = 0;
  std::set<std::string> tags() const {
    std::set<std::string> tags;
    for (const auto& [tag, steps] : values) tags.insert(tag);
    return tags;
  }
};

inline Shown shown_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(folder), {});
  std::ranges::sort(files);
  Shown shown;
  shown.files = static_cast<int>(files.size());
  for (const std::filesystem::path& file : files)
    for (const std::string& record : records_of(file)) {
      const events::Event event = event_of(record);
      if (!event.graph_def().empty()) ++shown.graphs;
      if (event.session_log().status() == events::SessionLog::START)
        for (auto& [tag, steps] : shown.values) steps.erase(steps.lower_bound(event.step()), steps.end());
      for (const events::Summary::Value& value : event.summary().value()) {
        const bool first = shown.values[value.tag()].insert_or_assign(event.step(), value).second;
        const bool once = value.has_simple_value();  // settings are reported by each process
        EXPECT_TRUE(first || !once) << value.tag() << " has step " << event.step() << " twice";
      }
    }
  return shown;
}

/// What read_events.py prints of a folder; none where no Python here has TensorBoard: neither that of
/// ALEXNET_PYTHON nor that of tools/install_tensorboard.
inline std::optional<std::string> tensorboard_text(const std::filesystem::path& folder) {
  const std::filesystem::path tests = std::filesystem::path(ALEXNET_TEST_DATA).parent_path().parent_path();
  const std::filesystem::path installed = tests.parent_path() / "build/tensorboard/bin/python";
  std::string python = std::filesystem::exists(installed) ? installed.string() : "python3";
  if (const char* named = std::getenv("ALEXNET_PYTHON")) python = named;
  const std::string command =
      python + " " + (tests / "tensorboard/read_events.py").string() + " " + folder.string() + " 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string output;
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  const int status = WEXITSTATUS(::pclose(pipe));
  return status == 77 || status == 127 ? std::nullopt : std::optional(output);
}

constexpr const char* kNoTensorBoard =
    "no tensorboard package: run tools/install_tensorboard build/tensorboard, or name a Python that has it "
    "with "
    "ALEXNET_PYTHON";

}  // namespace alexnet
