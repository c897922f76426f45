// What training shows of images, beside torchvision and Pillow: tools/make_augmentation_goldens.py.
#include "data/augment/augmentation.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "data/augment/colour_jitter.h"
#include "data/loader/loader.h"
#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;

/// The lines of the golden file that start with `kind`, without it.
std::vector<std::istringstream> goldens(const std::string& kind) {
  std::ifstream file(ALEXNET_TEST_DATA "/augmentation.txt");
  std::vector<std::istringstream> found;
  for (std::string line, first; std::getline(file, line);) {
    std::istringstream words(line);
    if (words >> first && first == kind) found.push_back(std::move(words));
  }
  EXPECT_FALSE(found.empty()) << kind;
  return found;
}

template <class T>
T take(std::istringstream& words) {
  T value{};
  EXPECT_TRUE(words >> value);
  return value;
}

CropBox take_box(std::istringstream& words) {
  CropBox box;
  words >> box.left >> box.top >> box.width >> box.height;
  return box;
}

std::vector<std::uint8_t> take_pixels(std::istringstream& words) {
  std::vector<std::uint8_t> pixels;
  for (int value; words >> value;) pixels.push_back(static_cast<std::uint8_t>(value));
  return pixels;
}

Image formula_image(int channels) {
  Image image{19, 13, channels, {}};
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < channels; ++c)
        image.pixels.push_back(static_cast<std::uint8_t>((17 + 5 * x + 3 * y + 50 * c) % 251));
  return image;
}

TEST(ResizedCrop, HasTorchvisionsBoxes) {
  for (std::istringstream& words : goldens("box")) {
    const auto seed = take<std::uint64_t>(words);
    const auto epoch = take<std::uint32_t>(words);
    const auto position = take<std::uint64_t>(words);
    const int width = take<int>(words), height = take<int>(words);
    const auto min_area = take<double>(words);
    const CropBox expected = take_box(words);
    RandomStream draws(seed, Purpose::kCrop, epoch, position);
    const CropBox box = random_resized_box(width, height, min_area, draws);
    EXPECT_THAT((std::array{box.left, box.top, box.width, box.height}),
                ElementsAre(expected.left, expected.top, expected.width, expected.height))
        << words.str();
  }
}

TEST(ResizedCrop, HasPillowsPixels) {
  for (std::istringstream& words : goldens("resized")) {
    const int channels = take<int>(words);
    const CropBox box = take_box(words);
    const std::vector<std::uint8_t> expected = take_pixels(words);
    const Image whole = formula_image(channels);
    Image part{box.width, box.height, channels, {}};
    for (int y = 0; y < box.height; ++y) {
      const auto from = whole.pixels.begin() + ((box.top + y) * whole.width + box.left) * channels;
      part.pixels.insert(part.pixels.end(), from, from + box.width * channels);
    }
    const Image scaled = resample(part, {13, 10}, {0, 0, 13, 10});
    ASSERT_EQ(scaled.pixels.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(scaled.pixels[i], expected[i], 1) << words.str().substr(0, 40) << " at " << i;
  }
}

LoaderOptions options(Augment augment, int channels) {
  LoaderOptions o;
  o.preprocessing.resize = 24;
  o.preprocessing.crop_width = 15;
  o.preprocessing.crop_height = 12;
  o.preprocessing.mean.assign(static_cast<std::size_t>(channels), 0);
  o.preprocessing.stddev.assign(static_cast<std::size_t>(channels), 1 / 255.0F);
  o.channels = channels;
  o.augment.crops = augment;
  o.seed = 5;
  return o;
}

/// 24 x 24, all values different enough to know a place again.
Image square_image(int channels) {
  Image image{24, 24, channels, {}};
  for (int i = 0; i < 24 * 24 * channels; ++i)
    image.pixels.push_back(static_cast<std::uint8_t>((i * 7919 + i / 24 * 131) % 256));
  return image;
}

std::vector<float> shown(const LoaderOptions& with, const Image& image, std::uint32_t epoch,
                         std::uint64_t position = 0) {
  const Augmentation augmentation(with.augment, with.preprocessing, with.channels, with.seed);
  std::vector<float> planes(augmentation.row_values());
  augmentation.apply(image.pixels.data(), epoch, position, planes.data());
  return planes;
}

Image mirrored(const Image& image) {
  Image result = image;
  const int c = image.channels;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      std::copy_n(image.pixels.begin() + (y * image.width + x) * c, c,
                  result.pixels.begin() + (y * image.width + image.width - 1 - x) * c);
  return result;
}

// Frozen layers' features are kept of one view where views do not vary: none of them may be forgotten.
TEST(Augmentation, EachByItselfMakesViewsVary) {
  const std::vector<float> axes{1, 0, 0, 0, 1, 0, 0, 0, 1};
  const auto differ = [&](const AugmentOptions& augment) {
    LoaderOptions with = options(Augment::kNone, 3);
    with.augment = augment;
    const Image image = square_image(3);
    bool different = false;
    for (std::uint32_t epoch = 2; epoch < 8; ++epoch)
      different = different || shown(with, image, epoch) != shown(with, image, 1);
    return different;
  };
  for (const AugmentOptions& augment :
       {AugmentOptions{.crops = Augment::kArticle}, AugmentOptions{.crops = Augment::kResized},
        AugmentOptions{.crops = Augment::kTenCrop}, AugmentOptions{.colour = 0.5, .colour_axes = axes},
        AugmentOptions{.jitter = 0.5}, AugmentOptions{.cutout = 4}}) {
    EXPECT_TRUE(augment.varies());
    EXPECT_TRUE(differ(augment));
  }
  for (const AugmentOptions& augment :
       {AugmentOptions{}, AugmentOptions{.min_area = 0.5}, AugmentOptions{.colour_axes = axes}}) {
    EXPECT_FALSE(augment.varies());
    EXPECT_FALSE(differ(augment));
  }
}

// The box that the draws say, scaled, mirrored and normalised: what each step is has tests of its own.
TEST(ResizedCrop, IsWhatTheNetworkSees) {
  for (const int channels : {1, 3}) {
    const LoaderOptions with = options(Augment::kResized, channels);
    const Image image = square_image(channels);
    bool straight = false, turned = false;
    for (std::uint32_t epoch = 1; epoch <= 20; ++epoch) {
      RandomStream draws(with.seed, Purpose::kCrop, epoch, 9);
      const CropBox box = random_resized_box(24, 24, with.augment.min_area, draws);
      Image part{box.width, box.height, channels, {}};
      for (int y = 0; y < box.height; ++y) {
        const auto from = image.pixels.begin() + ((box.top + y) * 24 + box.left) * channels;
        part.pixels.insert(part.pixels.end(), from, from + box.width * channels);
      }
      const Image scaled = resample(part, {15, 12}, {0, 0, 15, 12});
      const bool mirror = (RandomStream(with.seed, Purpose::kMirror, epoch, 9).next() & 1U) != 0;
      (mirror ? turned : straight) = true;
      const Image seen = mirror ? mirrored(scaled) : scaled;
      const std::vector<float> planes = shown(with, image, epoch, 9);
      for (std::size_t i = 0; i < planes.size(); ++i) {
        const std::size_t plane = i / (15 * 12), pixel = i % (15 * 12);
        ASSERT_NEAR(planes[i], seen.pixels[pixel * static_cast<std::size_t>(channels) + plane], 1e-4);
      }
    }
    EXPECT_TRUE(straight && turned);
  }
}

TEST(Jitter, ChangesColoursAsPillow) {
  const std::map<std::string, void (*)(Image&, float)> changes = {
      {"brightness", brighten}, {"contrast", change_contrast}, {"saturation", saturate}};
  for (const auto& [name, change] : changes)
    for (std::istringstream& words : goldens(name)) {
      Image image = formula_image(take<int>(words));
      change(image, take<float>(words));
      EXPECT_EQ(image.pixels, take_pixels(words)) << name << " " << words.str().substr(0, 20);
    }
}

TEST(Jitter, IsTorchvisionsInAnyOrder) {
  for (std::istringstream& words : goldens("jitter")) {
    Image image = formula_image(take<int>(words));
    ColourJitter jitter;
    for (auto& step : jitter.order) step = ColourJitter::Step{take<std::uint32_t>(words)};
    for (float& factor : jitter.factor) factor = take<float>(words);
    jitter.apply(image);
    EXPECT_EQ(image.pixels, take_pixels(words)) << words.str().substr(0, 40);
  }
}

TEST(Jitter, DrawsFactorsAndOrdersEvenly) {
  std::map<std::array<ColourJitter::Step, 3>, int> orders;
  std::array<double, 3> sum{}, square{};
  constexpr int kDraws = 6000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    RandomStream draws(1, Purpose::kJitter, 0, i);
    const ColourJitter jitter = ColourJitter::draw(0.4, draws);
    ++orders[jitter.order];
    for (std::size_t step = 0; step < 3; ++step) {
      const double factor = jitter.factor[step];
      ASSERT_GE(factor, 0.6 - 1e-6);
      ASSERT_LE(factor, 1.4 + 1e-6);
      sum[step] += factor;
      square[step] += (factor - 1) * (factor - 1);
    }
  }
  EXPECT_EQ(orders.size(), 6U);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, kDraws / 6.0, 5 * std::sqrt(kDraws / 6.0));
  for (std::size_t step = 0; step < 3; ++step) {
    EXPECT_NEAR(sum[step] / kDraws, 1, 0.015);
    EXPECT_NEAR(square[step] / kDraws, 0.8 * 0.8 / 12, 0.003);  // of an even distribution 0.8 wide
  }
}

// The crop alone is jittered, and so is an image that is not cropped at random.
TEST(Jitter, IsDoneToWhatIsShown) {
  for (const Augment augment : {Augment::kNone, Augment::kArticle, Augment::kResized}) {
    LoaderOptions with = options(augment, 3);
    Image image = square_image(3);
    if (augment == Augment::kNone) {
      image.width = 15;
      image.height = 12;
      image.pixels.resize(15 * 12 * 3);
    }
    const std::vector<float> plain = shown(with, image, 2);
    with.augment.jitter = 0.5;
    const std::vector<float> planes = shown(with, image, 2);
    Image crop{15, 12, 3, std::vector<std::uint8_t>(plain.size())};
    for (std::size_t i = 0; i < plain.size(); ++i)
      crop.pixels[i % 180 * 3 + i / 180] = static_cast<std::uint8_t>(std::lround(plain[i]));
    RandomStream draws(with.seed, Purpose::kJitter, 2, 0);
    ColourJitter::draw(0.5, draws).apply(crop);
    for (std::size_t i = 0; i < plain.size(); ++i)
      ASSERT_NEAR(planes[i], crop.pixels[i % 180 * 3 + i / 180], 1e-4);
    EXPECT_NE(planes, plain);
  }
}

// Even sides are those of the authors' program: y1 = clip(y - n // 2, 0, h), y2 = clip(y + n // 2, 0, h).
TEST(Cutout, IsASquareAroundAnyPixel) {
  std::map<std::pair<int, int>, int> corners;
  constexpr int kDraws = 3000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    RandomStream draws(3, Purpose::kCutout, 1, i), same(3, Purpose::kCutout, 1, i);
    const int y = static_cast<int>(same.below(6)), x = static_cast<int>(same.below(5));
    const CropBox box = cutout_box(5, 6, 4, draws);
    EXPECT_EQ(box.top, std::clamp(y - 2, 0, 6));
    EXPECT_EQ(box.top + box.height, std::clamp(y + 2, 0, 6));
    EXPECT_EQ(box.left, std::clamp(x - 2, 0, 5));
    EXPECT_EQ(box.left + box.width, std::clamp(x + 2, 0, 5));
    ++corners[{x, y}];
  }
  EXPECT_EQ(corners.size(), 30U);
  RandomStream draws(3, Purpose::kCutout, 1, 0);
  const CropBox one = cutout_box(5, 6, 1, draws);
  EXPECT_EQ(std::pair(one.width, one.height), std::pair(1, 1));
}

TEST(Cutout, SetsAllChannelsToTheMeanAndNothingElse) {
  LoaderOptions with = options(Augment::kArticle, 3);
  with.preprocessing.mean = {-1, -1, -1};  // nothing is 0 otherwise
  const Image image = square_image(3);
  for (std::uint32_t epoch = 0; epoch < 30; ++epoch) {
    with.augment.cutout = 0;
    std::vector<float> expected = shown(with, image, epoch);
    with.augment.cutout = 5;
    RandomStream draws(with.seed, Purpose::kCutout, epoch, 0);
    const CropBox box = cutout_box(15, 12, 5, draws);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const int y = static_cast<int>(i % 180) / 15, x = static_cast<int>(i % 180) % 15;
      if (y >= box.top && y < box.top + box.height && x >= box.left && x < box.left + box.width)
        expected[i] = 0;
    }
    ASSERT_EQ(shown(with, image, epoch), expected);
  }
}

// What training sees follows from (seed, epoch, position) with all of it, too.
TEST(Augmentation, DependsNeitherOnThreadsNorOnTheCache) {
  const auto source = std::make_shared<FormulaSource>(40);
  LoaderOptions with = options(Augment::kResized, 3);
  with.preprocessing.resize = 20;
  with.batch = 8;
  with.augment.jitter = 0.4;
  with.augment.cutout = 4;
  with.training = with.shuffle = true;
  std::vector<std::vector<float>> runs;
  for (const int workers : {1, 4})
    for (const Cache cache : {Cache::kOff, Cache::kRam}) {
      with.workers = workers;
      with.cache = cache;
      Loader loader(source, with);
      for (const std::uint32_t epoch : {0U, 1U}) {
        loader.start(epoch);
        std::vector<float> all;
        while (const Batch* batch = loader.next())
          all.insert(all.end(), batch->images.begin(), batch->images.end());
        if (epoch == 1) runs.push_back(all);
      }
    }
  EXPECT_EQ(runs[0].size(), 40U * 3 * 15 * 12);
  for (const auto& run : runs) EXPECT_EQ(run, runs[0]);
}

}  // namespace
}  // namespace alexnet::test
