// What a whole run tells TensorBoard.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "tests/temporary_folder.h"
#include "tests/tensorboard/shown_events.h"
#include "tests/train/tiny_run.h"
#include "train/listeners/network_graph.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::SizeIs;

class Events : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  TrainConfig config() const { return tiny_config(folder_ / "data", folder_ / "run"); }
  fs::path log(const char* part) const { return folder_ / "run/tensorboard" / part; }

  TemporaryFolder folder_;
  Watcher watcher_;
};

TEST_F(Events, HoldTheWholeRun) {
  const TrainResult result = train_tiny(config(), watcher_);
  const Shown train = shown_in(log("train")), validation = shown_in(log("validation"));
  EXPECT_EQ(train.graphs, 1);
  EXPECT_THAT(train.tags(), IsSupersetOf({"step/loss",
                                          "step/l2",
                                          "step/top1",
                                          "step/top5",
                                          "step/lr",
                                          "step/images per s",
                                          "step/data wait",
                                          "epoch/loss",
                                          "epoch/top1",
                                          "epoch/top5",
                                          "epoch/event files",
                                          "best/top1",
                                          "update ratio/conv1",
                                          "update ratio/fc2",
                                          "weights/conv1.weight",
                                          "weights/bn1.bias",
                                          "gradients/fc2.weight",
                                          "activations/relu1",
                                          "activations/logits",
                                          "images/augmented batch",
                                          "images/conv1 filters",
                                          "configuration",
                                          "network",
                                          "_hparams_/experiment",
                                          "_hparams_/session_start_info",
                                          "_hparams_/session_end_info"}));
  EXPECT_THAT(train.values.at("step/loss"), SizeIs(24));
  ASSERT_THAT(validation.values.at("epoch/top1"), SizeIs(4));
  for (const EpochMetrics& epoch : result.epochs) {
    EXPECT_EQ(validation.values.at("epoch/top1").at(epoch.step).simple_value(),
              static_cast<float>(*epoch.val_top1));
    EXPECT_EQ(train.values.at("epoch/top1").at(epoch.step).simple_value(),
              static_cast<float>(epoch.train_top1));
    EXPECT_EQ(train.values.at("epoch/loss with l2").at(epoch.step).simple_value(),
              static_cast<float>(epoch.train_loss));
  }
  for (const auto& [epoch, fraction] : train.values.at("epoch/event files")) {
    EXPECT_GT(fraction.simple_value(), 0);
    EXPECT_LT(fraction.simple_value(), 1);
  }
  EXPECT_EQ(train.values.at("weights/conv1.weight").begin()->second.histo().num(), 4 * 9);
  EXPECT_EQ(train.values.at("_hparams_/session_start_info")
                    .at(0)
                    .metadata()
                    .plugin_data()
                    .content()
                    .find("cosine") != std::string::npos,
            true);
}

TEST_F(Events, StepLossesAddUpToTheEpochs) {
  TrainConfig settings = config();
  settings.epochs = 1;
  train_tiny(settings, watcher_);
  const Shown train = shown_in(log("train"));
  double loss = 0, l2 = 0;
  for (const auto& [step, value] : train.values.at("step/loss")) loss += value.simple_value();
  for (const auto& [step, value] : train.values.at("step/l2")) l2 += value.simple_value();
  EXPECT_NEAR(train.values.at("epoch/loss").at(6).simple_value(), loss / 6, 1e-5);
  EXPECT_NEAR(watcher_.epochs.at(0).train_loss, (loss + l2) / 6, 1e-5);
}

TEST_F(Events, AreTheSameAfterAStop) {
  std::atomic<bool> stop = false;
  watcher_.on_step = [&](const StepMetrics& step) { stop = step.step == 8; };
  train_tiny(config(), watcher_, &stop);
  Watcher rest;
  resume_tiny(folder_ / "run", rest);
  const Shown stopped = shown_in(log("train"));
  EXPECT_EQ(stopped.files, 2);

  TrainConfig settings = config();
  settings.out = (folder_ / "whole").string();
  Watcher watcher;
  train_tiny(settings, watcher);
  const Shown whole = shown_in(folder_ / "whole/tensorboard/train");
  for (const char* tag : {"step/loss", "step/l2", "step/top1"}) {
    ASSERT_THAT(stopped.values.at(tag), SizeIs(24));
    for (const auto& [step, value] : whole.values.at(tag))
      EXPECT_EQ(stopped.values.at(tag).at(step).simple_value(), value.simple_value()) << tag << step;
  }
  // The epoch that was stopped has steps of both processes.
  for (const char* tag : {"epoch/loss", "epoch/top1", "epoch/top5"})
    for (const auto& [step, value] : whole.values.at(tag))
      EXPECT_EQ(stopped.values.at(tag).at(step).simple_value(), value.simple_value()) << tag << step;
}

// What a killed process wrote after its last checkpoint is made again, and shown once.
TEST_F(Events, AfterAKillAreTakenBackToTheCheckpoint) {
  TrainConfig settings = config();
  settings.checkpoint_minutes = 1000;  // at the ends of epochs only
  struct Killed {};
  watcher_.on_step = [](const StepMetrics& step) {
    if (step.step == 9) throw Killed();
  };
  EXPECT_THROW(train_tiny(settings, watcher_), Killed);
  EXPECT_THAT(shown_in(log("train")).values.at("step/loss"), SizeIs(9));
  Watcher rest;
  rest.on_step = [&](const StepMetrics& step) {
    if (step.step == 7) {
      EXPECT_THAT(shown_in(log("train")).values.at("step/loss"), SizeIs(7));
    }
  };
  resume_tiny(folder_ / "run", rest);
  EXPECT_THAT(shown_in(log("train")).values.at("step/loss"), SizeIs(24));
  EXPECT_THAT(shown_in(log("validation")).values.at("epoch/loss"), SizeIs(4));
}

TEST_F(Events, AfterAKillBeforeTheFirstCheckpointBeginAnew) {
  TrainConfig settings = config();
  settings.checkpoint_minutes = 1000;
  struct Killed {};
  watcher_.on_step = [](const StepMetrics& step) {
    if (step.step == 3) throw Killed();
  };
  EXPECT_THROW(train_tiny(settings, watcher_), Killed);
  Watcher rest;
  resume_tiny(folder_ / "run", rest);
  EXPECT_THAT(shown_in(log("train")).values.at("step/loss"), SizeIs(24));  // and none twice
}

// A resumed run validates once more what the limit cut off; shown_in() finds what is reported twice.
TEST_F(Events, ReportAnEpochEndedByALimitOnce) {
  TrainConfig settings = config();
  settings.max_steps = 8;
  train_tiny(settings, watcher_);
  Watcher again;
  resume_tiny(folder_ / "run", again);
  EXPECT_THAT(again.steps, SizeIs(0));
  EXPECT_THAT(again.epochs, SizeIs(1));
  const Shown train = shown_in(log("train"));
  EXPECT_EQ(train.files, 2);
  EXPECT_THAT(train.values.at("epoch/loss with l2"), SizeIs(2));
  EXPECT_THAT(shown_in(log("validation")).values.at("epoch/loss"), SizeIs(2));
}

TEST_F(Events, HaveTheLastImagesWhereALimitEndsTheRun) {
  for (const int limit : {8, 12}) {  // inside an epoch, and at its end
    TrainConfig settings = config();
    settings.max_steps = limit;
    const fs::path run = folder_ / std::to_string(limit);
    settings.out = run.string();
    train_tiny(settings, watcher_);
    const Shown train = shown_in(run / "tensorboard/train");
    for (const char* tag : {"images/conv1 filters", "activations/logits"})
      EXPECT_TRUE(train.values.at(tag).contains(limit)) << tag << limit;
  }
}

TEST_F(Events, AreLeftOutWhereNotWanted) {
  TrainConfig settings = config();
  settings.tensorboard = false;
  settings.epochs = 1;
  train_tiny(settings, watcher_);
  EXPECT_FALSE(fs::exists(folder_ / "run/tensorboard"));
}

TEST(NetworkGraph, GroupsTheArticlesLayersByBlock) {
  const std::vector<GraphNode> graph = network_graph(build(227, 227, 3, 10));
  std::vector<std::string> blocks;
  for (const GraphNode& node : graph) {
    const std::string block = node.name.substr(0, node.name.find('/'));
    if (blocks.empty() || blocks.back() != block) blocks.push_back(block);
  }
  EXPECT_THAT(blocks, ElementsAre("input", "conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"));
  for (std::size_t i = 1; i < graph.size(); ++i) EXPECT_THAT(graph[i].inputs, ElementsAre(graph[i - 1].name));
  const auto conv1 = std::ranges::find(graph, "conv1/conv1", &GraphNode::name);
  EXPECT_THAT(conv1->shape, ElementsAre(-1, 57, 57, 96));
  EXPECT_THAT(conv1->attributes, Contains(std::pair<std::string, std::string>("weights", "34944")));
  EXPECT_THAT(std::ranges::find(graph, "fc6/flatten", &GraphNode::name)->shape, ElementsAre(-1, 9216));
}

}  // namespace
}  // namespace alexnet
