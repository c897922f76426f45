// Networks that settings vary: they learn, their model files say what they are, and classify.
#include "model/variations.h"

#include <gmock/gmock.h>

#include "alexnet/classifier.h"
#include "alexnet/presets.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"

namespace alexnet {
namespace {

using Set = std::function<void(TrainConfig&)>;

class Variations : public testing::Test {
 protected:
  Variations() { write_tiny_data(folder_ / "data", 24, 6); }
  TrainConfig config(const std::string& name, const std::string& preset, int size, const Set& set) const {
    TrainConfig config = tiny_config(folder_ / "data", folder_ / name);
    config.preset = preset;
    config.size = size;
    config.resize = 0;
    config.width_factor = 0.1;
    config.epochs = 1;
    config.batch = 8;
    config.engine = "cpu";
    config.tensorboard = false;
    set(config);
    return config;
  }
  TemporaryFolder folder_;
};

TEST_F(Variations, LearnAndClassify) {
  struct Change {
    std::string name;
    Set set;
    std::function<void(NetworkSpec&)> apply;
  };
  const Change changes[] = {
      {"plain", [](auto& c) { c.pooling = "plain"; }, [](auto& s) { set_pooling(s, 2); }},
      {"batch", [](auto& c) { c.normalisation = "batch"; },
       [](auto& s) { set_normalisation(s, BatchNorm{}); }},
      {"response", [](auto& c) { c.normalisation = "response"; },
       [](auto& s) { set_normalisation(s, Lrn{}); }},
      {"none", [](auto& c) { c.normalisation = "none"; },
       [](auto& s) { set_normalisation(s, std::nullopt); }},
      {"towers", [](auto& c) { c.towers = 2; }, [](auto& s) { set_towers(s, 2); }},
      {"tower", [](auto& c) { c.towers = 1; }, [](auto& s) { set_towers(s, 1); }}};
  write_png(folder_ / "image.png", 12, 1);
  const std::filesystem::path images[] = {folder_ / "image.png"};
  for (const auto& [preset, size] : {std::pair("article", 57), std::pair("cifar-relu-tanh", 12)})
    for (const Change& change : changes) {
      const std::string where = preset + ("-" + change.name);
      Watcher watcher;
      const TrainResult result = train(config(where, preset, size, change.set), watcher);
      ASSERT_EQ(result.epochs.size(), 1U) << where;
      const Model model = load_model(result.run / "last.safetensors");
      NetworkSpec spec = find_preset(preset).build(size, size, 1, 3, TrainConfig{}.l2);
      set_width(spec, 0.1);
      change.apply(spec);
      EXPECT_EQ(model.spec, spec) << where;
      Classifier classifier(model);
      EXPECT_EQ(classifier.classify(images).at(0).predictions.size(), 3U) << where;
    }
}

TEST_F(Variations, GoOnAsTheyWere) {
  const Set set = [](TrainConfig& c) {
    c.normalisation = "response";
    c.pooling = "plain";
    c.epochs = 3;
  };
  std::atomic<bool> stop{false};
  Watcher watcher, rest;
  watcher.on_step = [&](const StepMetrics& step) { stop = step.step == 4; };
  EXPECT_TRUE(train(config("run", "cifar-relu-tanh", 12, set), watcher, &stop).interrupted);
  EXPECT_EQ(resume(folder_ / "run", rest).epochs.size(), 3U);
  train(config("whole", "cifar-relu-tanh", 12, set), rest);
  EXPECT_EQ(difference(folder_ / "run", folder_ / "whole"), "");
}

TEST_F(Variations, EndWhenTheyHaveLearnedEnough) {
  Watcher watcher;
  const TrainResult result = train(config("run", "cifar-relu-tanh", 12,
                                          [](TrainConfig& c) {
                                            c.enough_top1 = 0.01;
                                            c.epochs = 5;
                                          }),
                                   watcher);
  EXPECT_EQ(result.epochs.size(), 1U);
  EXPECT_EQ(result.stopped, "training top-1 reached");
  EXPECT_FALSE(result.interrupted);
  const TrainResult again = resume(folder_ / "run", watcher);  // it knows that it had enough
  EXPECT_EQ(again.epochs.size(), 1U);
}

}  // namespace
}  // namespace alexnet
