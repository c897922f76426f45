// Learning from features of frozen layers, and starting from bare weights.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "alexnet/error.h"
#include "alexnet/evaluate.h"
#include "alexnet/presets.h"
#include "base/file.h"
#include "formats/safetensors/safetensors.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/plan/plan.h"
#include "train/plan/resolve_features.h"
#include "train/transfer/freeze.h"
#include "train/transfer/frozen_prefix.h"
#include "train/transfer/start_weights.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

bool same(const TensorView& a, const TensorView& b) {
  return a.shape == b.shape && std::memcmp(a.values.data(), b.values.data(), a.values.size_bytes()) == 0;
}

class Features : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  TrainConfig config(const std::string& run) const {
    TrainConfig config = tiny_config(folder_ / "data", folder_ / run);
    config.freeze = "conv1";
    return config;
  }
  Model last(const std::string& run) const { return load_model(folder_ / run / "last.safetensors"); }

  TemporaryFolder folder_;
  Watcher watcher_;
};

TEST_F(Features, TeachTheHeadWhatTheWholeNetworkWouldHave) {
  for (const char* run : {"whole", "features"}) {
    TrainConfig settings = config(run);
    settings.augment = "none";
    settings.freeze = "conv1-drop1";
    settings.views = run == std::string("whole") ? 0 : 1;
    train_tiny(settings, watcher_);
  }
  ASSERT_EQ(watcher_.steps.size(), 48U);
  const Model whole = last("whole"), features = last("features");
  EXPECT_TRUE(same(whole.weights.at("conv1.weight"), features.weights.at("conv1.weight")));
  const auto a = whole.weights.at("fc2.weight").values, b = features.weights.at("fc2.weight").values;
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-5) << i;
  EXPECT_NEAR(watcher_.epochs[3].train_loss, watcher_.epochs[7].train_loss, 1e-5);
  EXPECT_EQ(watcher_.epochs[3].val_top1, watcher_.epochs[7].val_top1);
}

// The model is tested again from its file, as a whole: what was validated in pieces is what was saved.
TEST_F(Features, ValidateWhatIsSaved) {
  for (const char* engine : {"reference", "cpu"}) {
    TrainConfig settings = config(engine);
    settings.engine = engine;
    settings.freeze = "conv1,bn1";
    settings.views = 3;
    train_tiny(settings, watcher_);
    const Model model = last(engine);
    const auto images = open_evaluation(folder_ / "data", model.classes);
    EvaluateOptions how;
    how.batch = 7;
    how.engine = "reference";
    const Evaluation again = evaluate(model, images, how);
    EXPECT_NEAR(again.loss, *watcher_.epochs.back().val_loss, 1e-4) << engine;
    EXPECT_EQ(again.top1, *watcher_.epochs.back().val_top1) << engine;
    EXPECT_GT(again.top1, 0.5) << engine;
  }
  EXPECT_THAT(watcher_.notes, Contains(AllOf(HasSubstr("up to pool1"), HasSubstr("3 views"))));
}

TEST_F(Features, GoOnAsIfTheRunHadNotStopped) {
  TrainConfig settings = config("unbroken");
  settings.views = 2;
  train_tiny(settings, watcher_);
  settings.out = (folder_ / "broken").string();
  std::atomic<bool> stop = false;
  Watcher stopper;
  stopper.on_step = [&](const StepMetrics& step) { stop = step.step == 8; };
  EXPECT_TRUE(train_tiny(settings, stopper, &stop).interrupted);
  Watcher watcher;
  EXPECT_FALSE(resume_tiny(folder_ / "broken", watcher).interrupted);
  EXPECT_EQ(difference(folder_ / "unbroken", folder_ / "broken"), "");
}

TEST_F(Features, StopWhileTheyAreComputed) {
  class Impatient final : public Watcher {
   public:
    explicit Impatient(std::atomic<bool>& stop) : stop_(stop) {}
    void preparing(std::int64_t, std::int64_t) override { stop_ = true; }

   private:
    std::atomic<bool>& stop_;
  };
  std::atomic<bool> stop = false;
  Impatient watcher(stop);
  EXPECT_TRUE(train_tiny(config("run"), watcher, &stop).interrupted);
  EXPECT_THAT(watcher.steps, IsEmpty());
  Watcher patient;
  EXPECT_FALSE(resume_tiny(folder_ / "run", patient).interrupted);
  EXPECT_THAT(patient.epochs, SizeIs(4));
}

TEST_F(Features, AreThoseTheRunWasStartedWith) {
  const auto plan = [&](int views) {
    Plan made = plan_run(config("run"), tiny_network, {.weights = false});
    made.config.views = views;
    return made;
  };
  constexpr int kTooMany = 100'000'000;
  Plan fresh = plan(kTooMany), resumed = plan(kTooMany), few = plan(3);
  resolve_features(fresh, false);
  EXPECT_GT(fresh.prefix, 0U);
  EXPECT_LT(fresh.config.views, kTooMany);
  EXPECT_THAT(error_text<DeviceError>([&] { resolve_features(resumed, true); }), HasSubstr("--views"));
  resolve_features(few, true);
  EXPECT_GT(few.prefix, 0U);
  EXPECT_EQ(few.config.views, 3);
}

TEST_F(Features, LeaveFrozenStatisticsAsTheyWere) {
  train_tiny(config("first"), watcher_);
  TrainConfig settings = config("second");
  settings.init = (folder_ / "first/last.safetensors").string();
  settings.freeze = "conv1,bn1";
  settings.views = 0;
  settings.bn_statistics = "measured";
  settings.seed = 7;
  train_tiny(settings, watcher_);
  for (const char* name : {"bn1.running_mean", "bn1.running_var", "bn1.weight"})
    EXPECT_TRUE(same(last("first").weights.at(name), last("second").weights.at(name))) << name;
}

TEST(FrozenPrefix, EndsBeforeWhatLearnsOrDrops) {
  const NetworkSpec article = build(64, 64, 1, 10), caffe = find_preset("caffe").build(227, 227, 3, 10, 0);
  const auto last_of = [](const NetworkSpec& spec, const char* frozen) {
    const std::size_t end = frozen_prefix(spec, frozen_layers(spec, frozen));
    return end == 0 ? std::string() : spec.layers[end - 1].name;
  };
  EXPECT_EQ(last_of(caffe, "conv1-5"), "flatten");
  EXPECT_EQ(last_of(caffe, "conv1-fc7"), "relu7");
  EXPECT_EQ(last_of(article, "conv1-pool5"), "pool5");
  EXPECT_EQ(last_of(article, "conv1-conv3"), "relu3");
  EXPECT_EQ(last_of(article, "conv2-pool5"), "");
  EXPECT_EQ(last_of(article, "conv1-drop5"), "flatten");
  EXPECT_EQ(last_of(article, "conv1-pool1,conv2-pool2"), "pool1");  // drop1 drops between frozen layers
  EXPECT_EQ(last_of(caffe, "conv1-5,fc6,fc7"), "relu6");
  EXPECT_EQ(last_of(article, "conv1-fc8"), "");
  EXPECT_EQ(last_of(article, ""), "");
}

TEST(FrozenPrefix, HasFrozenWeights) {
  const NetworkSpec spec{"flat first", {1, 4, 4}, {{"flatten", Flatten{}}, {"fc", Dense{.units = 2}}}};
  EXPECT_EQ(frozen_prefix(spec, frozen_layers(spec, "")), 0U);
  EXPECT_EQ(frozen_prefix(spec, frozen_layers(spec, "flatten")), 0U);
}

TEST(FrozenPrefix, TakesARangeOfNumbers) {
  const NetworkSpec caffe = find_preset("caffe").build(227, 227, 3, 10, 0);
  EXPECT_EQ(frozen_layers(caffe, "conv1-5"), frozen_layers(caffe, "conv1-conv5"));
  EXPECT_THROW(frozen_layers(caffe, "conv1-9"), UsageError);
  EXPECT_THROW(frozen_layers(caffe, "conv5-1"), UsageError);
}

class BareWeights : public testing::Test {
 protected:
  std::filesystem::path save() {
    NamedTensors tensors;
    tensors.emplace("mean", TensorView::own(Tensor({3}, {102, 51, 255})));
    tensors.emplace("conv1.weight", TensorView::own(Tensor({4, 1, 3, 3})));
    save_tensors(
        tensors,
        {{"channel_order", "BGR"},
         {"input", "0..255 minus mean, 227x227 crop of 256x256"},
         {"groups", "conv2=2 conv4=2 conv5=2"},
         {"lrn",
          "after relu of conv1 and conv2: n=5 alpha=1e-4 (divided by n) beta=0.75 k=1; then max pool 3/2"}},
        folder_ / "bare.safetensors");
    return folder_ / "bare.safetensors";
  }
  TemporaryFolder folder_;
};

TEST_F(BareWeights, SayWhatDisagrees) {
  const StoredWeights start = load_weights(save());
  const auto notes = [&](const char* preset) {
    return disagreements(start, find_preset(preset).build(227, 227, 3, 10, 0));
  };
  EXPECT_THAT(notes("caffe"), IsEmpty());
  EXPECT_THAT(notes("paper"), Contains(HasSubstr("norm1 normalises differently")));
  EXPECT_THAT(notes("owt"),
              AllOf(Contains(HasSubstr("conv2 has 1 groups")), Contains(HasSubstr("--preset"))));
}

}  // namespace
}  // namespace alexnet
