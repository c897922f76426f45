// Training killed with SIGKILL at moments nobody chose: event files stay whole, and the resumed run
// shows each step once.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"
#include "tests/tensorboard/shown_events.h"

namespace alexnet {
namespace {

constexpr int kEpochs = 6, kSteps = 2 * kEpochs, kKills = 6;

class Kill : public CliTest {
 protected:
  Kill() {
    write_idx(folder_ / "data", "train", 8);
    write_idx(folder_ / "data", "t10k", 4);
  }
  static std::vector<std::string> train(const std::string& out) {
    return {"train",        "data", "--size",    "57", "--batch",  "4",
            "--bn-batches", "1",    "--threads", "1",  "--epochs", std::to_string(kEpochs),
            "--out",        out};
  }
  std::filesystem::path events(const std::string& run, const char* part) const {
    return folder_ / run / "tensorboard" / part;
  }
  /// Lets a command run for a while; whether it was killed before its end.
  bool killed_after(std::vector<std::string> words, std::chrono::duration<double> time) const {
    words.insert(words.begin(), ALEXNET_PROGRAM);
    RunningCommand command(folder_, words);
    std::this_thread::sleep_for(time);
    command.send(SIGKILL);
    const Result result = command.finish();
    EXPECT_TRUE(result.signal == SIGKILL || result.code == 0) << result.err;
    return result.signal == SIGKILL;
  }
};

/// By step.
std::map<std::int64_t, float> values_of(const Shown& shown, const std::string& tag) {
  std::map<std::int64_t, float> values;
  if (const auto found = shown.values.find(tag); found != shown.values.end())
    for (const auto& [step, value] : found->second) values[step] = value.simple_value();
  return values;
}

/// The same as TensorBoard's loader finds them; a step that it found twice is an error.
std::map<std::int64_t, float> values_of(const std::string& text, const std::string& tag) {
  std::map<std::int64_t, float> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("scalar " + tag + " ")) continue;
    std::istringstream rest(line.substr(tag.size() + 8));
    std::int64_t step = 0;
    double value = 0;
    rest >> step >> value;
    EXPECT_TRUE(values.emplace(step, static_cast<float>(value)).second)
        << tag << " has step " << step << " twice";
  }
  return values;
}

TEST_F(Kill, LeavesWholeEventsThatTheNextRunContinues) {
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(run(folder_, train("whole")).code, 0);
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - begin;

  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> fraction(0.1, 0.7);
  std::vector<std::string> words = train("killed");
  int kills = 0;
  for (int i = 0; i < kKills; ++i) {
    if (!killed_after(words, fraction(random) * all)) break;
    ++kills;
    for (const char* part : {"train", "validation"})
      if (std::filesystem::exists(events("killed", part)))
        shown_in(events("killed", part));  // checks checksums
    if (std::filesystem::exists(folder_ / "killed/config.json")) words = {"train", "--resume", "killed"};
  }
  EXPECT_GT(kills, 0);
  const Result rest = run(folder_, words);
  ASSERT_EQ(rest.code, 0) << rest.err;

  const Shown whole = shown_in(events("whole", "train")), killed = shown_in(events("killed", "train"));
  const auto tensorboard = tensorboard_text(events("killed", "train"));
  for (const char* tag : {"step/loss", "step/l2", "step/top1", "step/lr"}) {
    EXPECT_EQ(values_of(whole, tag).size(), kSteps) << tag;
    EXPECT_EQ(values_of(killed, tag), values_of(whole, tag)) << tag;
    if (tensorboard) {
      EXPECT_EQ(values_of(*tensorboard, tag), values_of(whole, tag)) << tag;
    }
  }
  const Shown validated = shown_in(events("killed", "validation"));
  EXPECT_EQ(values_of(validated, "epoch/loss"),
            values_of(shown_in(events("whole", "validation")), "epoch/loss"));
  EXPECT_EQ(values_of(validated, "epoch/loss").size(), kEpochs);
  if (!tensorboard) GTEST_SKIP() << "read with our own reader alone: " << kNoTensorBoard;
}

}  // namespace
}  // namespace alexnet
