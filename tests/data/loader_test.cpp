// Batches: what is in them, in which order, and that nothing hangs.
#include "data/loader/loader.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "tests/data/fixtures.h"
#include "tests/failing_allocation.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;
using testing::Field;

LoaderOptions small(bool training) {
  LoaderOptions o;
  o.preprocessing.resize = 6;
  o.preprocessing.crop_width = 5;
  o.preprocessing.crop_height = 4;
  o.preprocessing.mean = {0, 0, 0};
  o.preprocessing.stddev = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  o.batch = 8;
  o.training = training;
  if (training) {
    o.augment.crops = Augment::kArticle;
    o.shuffle = true;
  }
  o.seed = 42;
  o.max_bad = 1;
  return o;
}

struct Copy {
  std::vector<float> images;
  std::vector<int> labels;
  std::vector<std::int64_t> indices;
  bool operator==(const Copy&) const = default;
};

std::vector<Copy> rest(Loader& loader) {
  std::vector<Copy> all;
  while (const Batch* batch = loader.next())
    all.push_back({{batch->images.begin(), batch->images.end()},
                   {batch->labels.begin(), batch->labels.end()},
                   {batch->indices.begin(), batch->indices.end()}});
  return all;
}

std::vector<Copy> epoch(const std::shared_ptr<const ImageSource>& source, const LoaderOptions& options,
                        std::uint32_t number = 0, std::int64_t first = 0) {
  Loader loader(source, options);
  loader.start(number, first);
  return rest(loader);
}

std::vector<std::int64_t> indices(const std::vector<Copy>& batches) {
  std::vector<std::int64_t> all;
  for (const Copy& batch : batches) all.insert(all.end(), batch.indices.begin(), batch.indices.end());
  return all;
}

/// What loaders of the parts of a batch give, put together; a part that is left out is empty.
std::vector<Copy> together(const std::vector<Copy>& front, const std::vector<Copy>& back) {
  std::vector<Copy> all = front;
  for (std::size_t i = 0; i < back.size(); ++i) {
    all[i].images.insert(all[i].images.end(), back[i].images.begin(), back[i].images.end());
    all[i].labels.insert(all[i].labels.end(), back[i].labels.begin(), back[i].labels.end());
    all[i].indices.insert(all[i].indices.end(), back[i].indices.begin(), back[i].indices.end());
  }
  return all;
}

TEST(Loader, PartsOfABatchTogetherAreTheWhole) {
  for (const bool training : {true, false})
    for (const std::size_t count : {75U, 74U, 72U}) {  // an evaluation ends with 3 rows, 2, or a whole batch
      const auto source = std::make_shared<FormulaSource>(count, std::set<std::size_t>{3, 40, 41});
      LoaderOptions whole = small(training), front = whole, back = whole;
      front.rows = 3;
      back.first_row = 3;
      const auto expected = epoch(source, whole, 5);
      EXPECT_EQ(together(epoch(source, front, 5), epoch(source, back, 5)), expected) << count;
      back.first_row = 4;
      back.rows = 4;
      front.rows = 4;
      EXPECT_EQ(together(epoch(source, front, 5, 2), epoch(source, back, 5, 2)), epoch(source, whole, 5, 2));
    }
}

/// In training an image that cannot be read is replaced in the part too: no part of a batch goes missing.
TEST(Loader, NoPartOfATrainingBatchIsLeftOut) {
  std::set<std::size_t> bad;
  for (std::size_t i = 0; i < 64; ++i)
    if (i % 8 >= 6) bad.insert(i);  // rows 6 and 7 of every batch, were it not shuffled
  const auto source = std::make_shared<FormulaSource>(64, bad);
  LoaderOptions part = small(true), whole = part;
  part.shuffle = whole.shuffle = false;
  part.first_row = 6;
  const auto batches = epoch(source, part), expected = epoch(source, whole);
  ASSERT_EQ(batches.size(), 8U);
  for (std::size_t b = 0; b < batches.size(); ++b) {
    ASSERT_EQ(batches[b].indices.size(), 2U);
    for (std::size_t row = 0; row < 2; ++row) {
      EXPECT_FALSE(bad.contains(static_cast<std::size_t>(batches[b].indices[row])));
      EXPECT_EQ(batches[b].indices[row], expected[b].indices[6 + row]);
    }
  }
  part.training = false;  // an evaluation has nothing to show in their place
  EXPECT_TRUE(epoch(source, part).empty());
}

TEST(Loader, RefusesPartsThatABatchDoesNotHave) {
  const auto source = std::make_shared<FormulaSource>(75);
  for (const auto& [first_row, rows] :
       {std::pair(-1, 1), std::pair(0, 9), std::pair(8, 0), std::pair(4, 5)}) {
    LoaderOptions options = small(true);
    options.first_row = first_row;
    options.rows = rows;
    EXPECT_THROW(Loader(source, options), UsageError) << first_row << ' ' << rows;
  }
}

TEST(Loader, NeitherThreadsNorTheCacheNorTheRingMatter) {
  const auto source = std::make_shared<FormulaSource>(75, std::set<std::size_t>{3, 40, 41});
  LoaderOptions options = small(true);
  options.cache = Cache::kOff;
  options.workers = 1;
  const std::vector<Copy> expected = epoch(source, options, 1);
  ASSERT_EQ(expected.size(), 9U);
  for (const int workers : {1, 2, 5})
    for (const Cache cache : {Cache::kOff, Cache::kRam, Cache::kAuto})
      for (const std::size_t bytes : {std::size_t{0}, std::size_t{6 * 6 * 3 * 20}}) {
        options.workers = workers;
        options.cache = cache;
        options.cache_bytes = bytes;
        options.ring = 1 + workers;
        Loader loader(source, options);
        loader.start(0);
        rest(loader);  // fills the cache
        loader.start(1);
        EXPECT_EQ(rest(loader), expected) << workers;
      }
}

TEST(Loader, GivesNothingBeforeAnEpochIsStarted) {
  const auto source = std::make_shared<FormulaSource>(75);
  for (const bool training : {true, false}) {
    Loader loader(source, small(training));
    EXPECT_EQ(loader.next(), nullptr);
    loader.start(3);
    EXPECT_EQ(rest(loader), epoch(source, small(training), 3));
  }
}

TEST(Loader, CannotBeMadeWithoutMemory) {
  const auto source = std::make_shared<FormulaSource>(75);
  EXPECT_GT(fail_each_allocation([&] { const Loader loader(source, small(true)); }), 10);
}

TEST(Loader, StartingAtABatchIsGoingOn) {
  const auto source = std::make_shared<FormulaSource>(75, std::set<std::size_t>{7});
  const std::vector<Copy> whole = epoch(source, small(true), 3);
  for (std::int64_t first = 0; first <= 9; ++first) {
    const std::vector<Copy> later(whole.begin() + first, whole.end());
    EXPECT_EQ(epoch(source, small(true), 3, first), later) << first;
  }
}

TEST(Loader, AShuffledEpochHasEveryImageOnce) {
  const auto source = std::make_shared<FormulaSource>(64);
  std::vector<std::int64_t> all(64);
  std::iota(all.begin(), all.end(), 0);
  Loader loader(source, small(true));
  std::vector<std::vector<std::int64_t>> orders;
  for (std::uint32_t number = 0; number < 3; ++number) {
    loader.start(number);
    orders.push_back(indices(rest(loader)));
    EXPECT_NE(orders.back(), all);
    EXPECT_THAT(orders.back(), testing::UnorderedElementsAreArray(all));
  }
  EXPECT_NE(orders[0], orders[1]);
  EXPECT_NE(orders[1], orders[2]);
  LoaderOptions other = small(true);
  other.seed = 43;
  EXPECT_NE(indices(epoch(source, other)), orders[0]);
  other.shuffle = false;
  EXPECT_EQ(indices(epoch(source, other)), all);
}

TEST(Loader, TrainingTakesWholeBatchesOnly) {
  const auto source = std::make_shared<FormulaSource>(75);
  Loader loader(source, small(true));
  EXPECT_EQ(loader.batches_per_epoch(), 9);
  loader.start(0);
  for (const Copy& batch : rest(loader)) {
    EXPECT_EQ(batch.labels.size(), 8U);
    EXPECT_EQ(batch.images.size(), 8U * 3 * 4 * 5);
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(batch.labels[i], batch.indices[i] % 7);
  }
  EXPECT_EQ(loader.next(), nullptr);
  expect_error<UsageError>([] { Loader(std::make_shared<FormulaSource>(7), small(true)); },
                           {"8 is more than the 7 training images"});
}

TEST(Loader, EvaluationGoesInOrderAndKeepsTheRest) {
  const auto source = std::make_shared<FormulaSource>(21, std::set<std::size_t>{2, 5, 16, 17, 18, 19, 20});
  Loader loader(source, small(false));
  EXPECT_EQ(loader.batches_per_epoch(), 3);
  loader.start(0);
  const std::vector<Copy> batches = rest(loader);
  ASSERT_EQ(batches.size(), 2U);  // nothing of the third can be read
  EXPECT_THAT(batches[0].indices, ElementsAre(0, 1, 3, 4, 6, 7));
  EXPECT_THAT(batches[1].indices, ElementsAre(8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_EQ(batches[0].labels, (std::vector<int>{0, 1, 3, 4, 6, 0}));
  ASSERT_EQ(batches[0].images.size(), 6U * 3 * 4 * 5);
  for (std::size_t row = 0; row < 6; ++row) {
    std::vector<float> expected(3 * 4 * 5);
    prepare_image(source->load(static_cast<std::size_t>(batches[0].indices[row]), 3),
                  small(false).preprocessing, expected);
    const std::vector<float> got(
        batches[0].images.begin() + static_cast<std::ptrdiff_t>(row * expected.size()),
        batches[0].images.begin() + static_cast<std::ptrdiff_t>((row + 1) * expected.size()));
    EXPECT_EQ(got, expected);
  }
  EXPECT_EQ(loader.bad_images().size(), 7U);
}

TEST(Loader, ArticlesAugmentationTakesEveryPlaceAndMirrorsHalf) {
  // One image, 6 x 6 after scaling (7 high, nothing to scale): its pixel (0, 0) of a crop tells the place.
  const auto source = std::make_shared<FormulaSource>(1);
  LoaderOptions options = small(true);
  options.batch = 1;
  options.channels = 1;
  options.preprocessing.mean.resize(1);
  options.preprocessing.stddev.resize(1);
  const Image image = source->load(0, 1);
  std::map<std::pair<int, bool>, int> seen;
  Loader loader(source, options);
  constexpr int kEpochs = 600;
  for (std::uint32_t number = 0; number < kEpochs; ++number) {
    loader.start(number);
    const Batch* batch = loader.next();
    ASSERT_NE(batch, nullptr);
    const bool mirrored = batch->images[0] > batch->images[1];
    const int corner = static_cast<int>(std::lround(mirrored ? batch->images[4] : batch->images[0]));
    ++seen[{corner, mirrored}];
  }
  // Places: 2 across (5 x), 3 down (3 y), of pixel value 5 x + 3 y; each mirrored and not.
  ASSERT_EQ(seen.size(), 12U);
  for (const auto& [place, count] : seen) EXPECT_NEAR(count, kEpochs / 12.0, 25) << place.first;
}

// A normal draw for each axis, one for all pixels of an image: with axes along red, green and blue the
// planes move by 0.1, 0.2 and 0.4 times a standard normal.
TEST(Loader, ColoursChangeAlongTheirAxes) {
  const auto source = std::make_shared<FormulaSource>(800);
  LoaderOptions options = small(true);
  const std::vector<Copy> plain = epoch(source, options, 1);
  options.augment.colour = 0.1;
  options.augment.colour_axes = {1, 0, 0, 0, 2, 0, 0, 0, 4};
  for (const bool bgr : {false, true}) {
    options.preprocessing.bgr = bgr;
    if (bgr)
      options.augment.colour_axes = {0, 0, 1, 0, 2, 0, 4, 0, 0};  // the same for the network's channels
    const std::vector<Copy> changed = epoch(source, options, 1);
    LoaderOptions without = options;
    without.augment.colour = 0;
    const std::vector<Copy> same_order = bgr ? epoch(source, without, 1) : plain;
    std::array<double, 3> sum{}, square{};
    int count = 0;
    for (std::size_t b = 0; b < changed.size(); ++b)
      for (std::size_t image = 0; image < changed[b].labels.size(); ++image, ++count)
        for (std::size_t c = 0; c < 3; ++c) {
          constexpr std::size_t kPlane = 20;
          const std::size_t at = (image * 3 + c) * kPlane;
          const float shift = changed[b].images[at] - same_order[b].images[at];
          for (std::size_t i = 1; i < kPlane; ++i)
            ASSERT_NEAR(changed[b].images[at + i] - same_order[b].images[at + i], shift, 1e-3);
          sum[c] += shift / 255;
          square[c] += shift / 255 * shift / 255;
        }
    for (std::size_t c = 0; c < 3; ++c) {
      const double wanted = 0.1 * static_cast<double>(1U << c);
      EXPECT_NEAR(sum[c] / count, 0, 4 * wanted / std::sqrt(800.0)) << c;
      EXPECT_NEAR(std::sqrt(square[c] / count), wanted, 0.1 * wanted) << c;
    }
  }
  EXPECT_NE(epoch(source, options, 1), epoch(source, options, 2));
}

TEST(BadImages, AreReplacedInTrainingAndNamedOnce) {
  const auto source = std::make_shared<FormulaSource>(64, std::set<std::size_t>{5, 9});
  Loader loader(source, small(true));
  for (std::uint32_t number = 0; number < 2; ++number) {
    loader.start(number);
    const std::vector<std::int64_t> got = indices(rest(loader));
    EXPECT_EQ(got.size(), 64U);
    EXPECT_THAT(got, testing::Not(testing::Contains(testing::AnyOf(5, 9, -1))));
  }
  EXPECT_THAT(loader.bad_images(),
              ElementsAre(testing::AllOf(Field(&BadImage::index, 5U), Field(&BadImage::name, "image5"),
                                         Field(&BadImage::reason, "is broken")),
                          Field(&BadImage::index, 9U)));
}

TEST(BadImages, AreAnErrorWithStrict) {
  LoaderOptions options = small(true);
  options.strict = true;
  Loader loader(std::make_shared<FormulaSource>(64, std::set<std::size_t>{5}), options);
  for (std::uint32_t number = 0; number < 2; ++number) {
    loader.start(number);
    expect_error<DataError>([&] { rest(loader); }, {"image5", "is broken", "--strict"});
    EXPECT_THROW(loader.next(), DataError);
  }
}

TEST(BadImages, TooManyAreAnError) {
  const auto source = std::make_shared<FormulaSource>(64, std::set<std::size_t>{5, 6, 7, 8});
  for (const bool training : {true, false}) {
    LoaderOptions options = small(training);
    options.max_bad = 4 / 64.0;
    EXPECT_NO_THROW(epoch(source, options));
    options.max_bad = 0.05;  // 3.2 images
    expect_error<DataError>([&] { epoch(source, options); },
                            {"4 of 64", "5 % allowed", "image5: is broken", "--max-bad"});
  }
}

/// Of 4,000 images one in `every` cannot be read; they lie in no part more often than in another.
std::shared_ptr<FormulaSource> damaged(std::size_t every) {
  std::set<std::size_t> bad;
  for (std::size_t i = 0; i < 4000; i += every) bad.insert(i + i / 8 % std::min<std::size_t>(every, 4));
  return std::make_shared<FormulaSource>(4000, bad);
}

LoaderOptions eighth(double max_bad) {
  LoaderOptions options = small(true);
  options.rows = 1;
  options.max_bad = max_bad;
  return options;
}

// A part of every batch is looked at: an eighth of what cannot be read is found in the first epoch, and what
// is found in later ones is no larger fraction of what was looked at.
TEST(BadImages, AreCountedAmongThoseThatAPartLookedAt) {
  expect_error<DataError>([] { epoch(damaged(5), eighth(0.05)); }, {"of 500", "5 % allowed", "--max-bad"});
  Loader loader(damaged(25), eighth(0.05));  // 4 %
  for (std::uint32_t number = 0; number < 20; ++number) {
    loader.start(number);
    EXPECT_NO_THROW(rest(loader)) << number;
  }
  EXPECT_GT(loader.bad_images().size(), 0.05 * 4000 / 8) << "more than an epoch's part may hold";
}

TEST(BadImages, AreNotTooManyByChance) {
  const auto one_of = [](std::size_t count) {
    return std::make_shared<FormulaSource>(count, std::set<std::size_t>{1});
  };
  LoaderOptions options = eighth(0.05);
  options.shuffle = false;
  options.first_row = 1;
  EXPECT_NO_THROW(epoch(one_of(80), options));  // one of the ten that the part has
  options.max_bad = 0;
  EXPECT_THROW(epoch(one_of(80), options), DataError);
}

TEST(BadImages, NothingElseThere) {
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < 8; ++i) all.insert(i);
  const auto source = std::make_shared<FormulaSource>(8, all);
  expect_error<DataError>([&] { epoch(source, small(true)); }, {"none of the 8 can be read"});
  EXPECT_TRUE(epoch(source, small(false)).empty());
}

TEST(Loader, WrongImagesFromASourceAreBadImages) {
  class Wrong final : public ImageSource {
   public:
    std::size_t size() const override { return 2; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t) const override { return "wrong"; }
    Image load(std::size_t i, int channels) const override {
      return {6, 6, channels, std::vector<std::uint8_t>(i == 0 ? 5 : 108)};
    }
  };
  EXPECT_THAT(indices(epoch(std::make_shared<Wrong>(), small(false))), ElementsAre(1));
}

TEST(Loader, OtherErrorsSurface) {
  class Broken final : public ImageSource {
   public:
    std::size_t size() const override { return 100; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t) const override { return "x"; }
    Image load(std::size_t i, int channels) const override {
      if (i == 50) throw std::bad_alloc();
      return FormulaSource(100).load(i, channels);
    }
  };
  EXPECT_THROW(epoch(std::make_shared<Broken>(), small(true)), std::bad_alloc);
}

TEST(Loader, StoppingAtAnyMomentEnds) {
  class Slow final : public ImageSource {
   public:
    std::size_t size() const override { return 1000; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t) const override { return "x"; }
    Image load(std::size_t i, int channels) const override {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      return FormulaSource(1000).load(i, channels);
    }
  };
  const auto source = std::make_shared<Slow>();
  LoaderOptions options = small(true);
  options.cache = Cache::kOff;
  const std::vector<Copy> expected = epoch(source, options, 7);
  { const Loader never_started(source, options); }
  for (int taken = 0; taken < 5; ++taken) {
    Loader loader(source, options);
    loader.start(0);
    for (int b = 0; b < taken; ++b) loader.next();
    std::this_thread::sleep_for(std::chrono::milliseconds(taken));
    if (taken % 2 == 0) continue;  // destroyed with work in flight
    loader.start(7, 120);
    EXPECT_EQ(rest(loader), std::vector<Copy>(expected.begin() + 120, expected.end()));
  }
}

TEST(Loader, ABatchStaysValidUntilTheNext) {
  const auto source = std::make_shared<FormulaSource>(200);
  Loader loader(source, small(true));
  loader.start(0);
  while (const Batch* batch = loader.next()) {
    const std::vector<float> before(batch->images.begin(), batch->images.end());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_EQ(before, std::vector<float>(batch->images.begin(), batch->images.end()));
  }
  EXPECT_GE(loader.waited(), 0.0);
}

TEST(Loader, EmptyAndImpossibleSettings) {
  EXPECT_TRUE(epoch(std::make_shared<FormulaSource>(0), small(false)).empty());
  LoaderOptions options = small(false);
  options.batch = 0;
  EXPECT_THROW(Loader(std::make_shared<FormulaSource>(5), options), UsageError);
  options = small(false);
  options.preprocessing.mean.clear();
  EXPECT_THROW(Loader(std::make_shared<FormulaSource>(5), options), UsageError);
  options = small(false);
  options.batch = 100'000'000;
  options.preprocessing.crop_width = options.preprocessing.crop_height = 4000;
  EXPECT_THROW(Loader(std::make_shared<FormulaSource>(100'000'000), options), DeviceError);
}

}  // namespace
}  // namespace alexnet::test
