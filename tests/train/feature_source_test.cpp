// Batches of features: the whole of them, and parts of every batch as several processes take them.
#include "train/transfer/feature_source.h"

#include <gtest/gtest.h>

#include <set>

#include "alexnet/error.h"
#include "engine/registry/registry.h"

namespace alexnet {
namespace {

/// Image i is 4 x 4 pixels of its own gray value; those in `bad` cannot be read.
class Grays final : public ImageSource {
 public:
  Grays(std::size_t size, std::set<std::size_t> bad) : size_(size), bad_(std::move(bad)) {}
  std::size_t size() const override { return size_; }
  int label(std::size_t i) const override { return static_cast<int>(i % 7); }
  std::string name(std::size_t i) const override { return "gray" + std::to_string(i); }
  Image load(std::size_t i, int channels) const override {
    if (bad_.contains(i)) throw DataError(name(i), "is broken");
    return {4, 4, channels,
            std::vector<std::uint8_t>(16 * static_cast<std::size_t>(channels), static_cast<std::uint8_t>(i))};
  }

 private:
  std::size_t size_;
  std::set<std::size_t> bad_;
};

LoaderOptions loading() {
  LoaderOptions options;
  options.preprocessing.resize = options.preprocessing.crop_width = options.preprocessing.crop_height = 4;
  options.preprocessing.mean = {0};
  options.preprocessing.stddev = {1};
  options.channels = 1;
  options.batch = 5;
  options.max_bad = 1;
  options.rows = 1;  // of no account: every source has all features
  return options;
}

struct Copy {
  std::vector<float> features;
  std::vector<int> labels;
  std::vector<std::int64_t> indices;
  bool operator==(const Copy&) const = default;
};

class FeatureSourceTest : public testing::Test {
 protected:
  static constexpr std::size_t kImages = 44;  // the last batch of an evaluation has four rows
  static constexpr int kBatch = 8;

  FeatureSourceTest() {
    const NetworkSpec spec{
        "prefix", {1, 4, 4}, {{"conv1", Conv{.filters = 2, .kernel = 3, .padding = {Padding::Mode::kSame}}}}};
    CompileOptions how;
    how.batch = loading().batch;
    prefix_ = find_engine("reference").compile(spec, how);
    prefix_->load(initial_weights(spec, 1));
  }

  FeatureSource source(bool training, int first_row, int rows, bool compute = true) {
    FeatureSource made(images_, loading(), 2 * 4 * 4,
                       {.batch = kBatch,
                        .first_row = first_row,
                        .rows = rows,
                        .views = 2,
                        .training = training,
                        .shuffle = training,
                        .seed = 3});
    if (compute) made.compute(*prefix_, [](std::int64_t) { return true; });
    return made;
  }

  static std::vector<Copy> epoch(FeatureSource& source) {
    std::vector<Copy> all;
    source.start(4);
    while (const Batch* batch = source.next())
      all.push_back({{batch->images.begin(), batch->images.end()},
                     {batch->labels.begin(), batch->labels.end()},
                     {batch->indices.begin(), batch->indices.end()}});
    return all;
  }

  const std::shared_ptr<const ImageSource> images_ =
      std::make_shared<Grays>(kImages, std::set<std::size_t>{3, 11, 19, 41, 42});
  std::unique_ptr<CompiledNetwork> prefix_;
};

TEST_F(FeatureSourceTest, PartsOfABatchTogetherAreTheWhole) {
  for (const bool training : {true, false}) {
    FeatureSource whole = source(training, 0, 0);
    const std::vector<Copy> expected = epoch(whole);
    ASSERT_EQ(expected.size(), training ? 5U : 6U);
    for (const int cut : {1, 3, 4, 6}) {
      FeatureSource front = source(training, 0, cut), back = source(training, cut, 0);
      std::vector<Copy> together = epoch(front);
      const std::vector<Copy> rest = epoch(back);
      ASSERT_LE(rest.size(), together.size());
      for (std::size_t b = 0; b < rest.size(); ++b) {
        EXPECT_TRUE(!training || rest[b].labels.size() == static_cast<std::size_t>(kBatch - cut));
        const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
        add(together[b].features, rest[b].features);
        add(together[b].labels, rest[b].labels);
        add(together[b].indices, rest[b].indices);
      }
      EXPECT_EQ(together, expected) << cut;
    }
  }
}

TEST_F(FeatureSourceTest, RefusesPartsThatABatchDoesNotHave) {
  for (const auto& [first_row, rows] : {std::pair(-1, 1), std::pair(0, 9), std::pair(8, 0), std::pair(4, 5)})
    EXPECT_THROW(source(true, first_row, rows, false), UsageError) << first_row << ' ' << rows;
}

TEST_F(FeatureSourceTest, GivesNothingBeforeThereAreFeaturesAndAnEpochIsStarted) {
  FeatureSource made = source(true, 0, 0, false);
  EXPECT_EQ(made.next(), nullptr);
  made.start(1);
  EXPECT_EQ(made.next(), nullptr);
  ASSERT_TRUE(made.compute(*prefix_, [](std::int64_t) { return true; }));
  EXPECT_EQ(epoch(made).size(), 5U);
  FeatureSource computed = source(true, 0, 0);
  EXPECT_EQ(computed.next(), nullptr);
}

}  // namespace
}  // namespace alexnet
