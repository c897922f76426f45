#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/image.h"
#include "base/file.h"
#include "base/random.h"
#include "tests/image/pnm.h"

namespace alexnet {
namespace {

using namespace std::string_view_literals;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path kGolden = ALEXNET_TEST_DATA;

Image decode(std::string_view content, int channels) {
  return load_image(Bytes{"photo.jpg", std::as_bytes(std::span(content)), nullptr}, channels);
}

std::string why_not(std::string_view content) {
  try {
    decode(content, 3);
  } catch (const DataError& error) {
    return error.what();
  }
  return "decoded";
}

std::vector<fs::path> golden_pictures() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kGolden / "decode"))
    if (entry.path().extension() != ".pgm" && entry.path().extension() != ".ppm")
      paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

std::string test_name(const fs::path& picture) {
  std::string name = picture.filename().string();
  std::ranges::replace(name, '.', '_');
  return name;
}

class GoldenPicture : public testing::TestWithParam<fs::path> {
 protected:
  // Levels that a decoder may differ by: JPEG and lossy WebP leave rounding to it. The versions of
  // libjpeg-turbo and libwebp tried so far (2.1.5 against 3.2.0, 1.2.4 against 1.6.0) do not differ.
  int tolerance() const {
    return GetParam().extension() == ".jpg" || test_name(GetParam()).starts_with("lossy") ? 2 : 0;
  }

  void expect_like_pillow(int channels, const std::string& extension) const {
    const Image expected = read_pnm(kGolden / "decode" / (test_name(GetParam()) + extension));
    const Image image = load_image(GetParam(), channels);
    ASSERT_EQ(image.width, expected.width);
    ASSERT_EQ(image.height, expected.height);
    ASSERT_EQ(image.channels, channels);
    ASSERT_EQ(image.pixels.size(), expected.pixels.size());
    int worst = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      worst = std::max(worst, std::abs(image.pixels[i] - expected.pixels[i]));
    EXPECT_LE(worst, tolerance());
    RecordProperty("worst_difference", worst);
  }
};

TEST_P(GoldenPicture, IsWhatPillowSees) { expect_like_pillow(3, ".ppm"); }
TEST_P(GoldenPicture, IsWhatPillowSeesInGray) { expect_like_pillow(1, ".pgm"); }

INSTANTIATE_TEST_SUITE_P(Decode, GoldenPicture, testing::ValuesIn(golden_pictures()),
                         [](const auto& picture) { return test_name(picture.param); });

TEST(Decode, HasPicturesToTestWith) { EXPECT_GE(golden_pictures().size(), 45U); }

TEST(Decode, EveryTruncationIsAnError) {
  for (const fs::path& path : golden_pictures()) {
    const std::string content = read_file(path);
    // The end of a PNG or WebP may be missing: what comes after the pixels is of no use to us.
    const std::size_t whole = path.extension() == ".jpg" ? content.size() - 1 : content.size() / 2;
    for (std::size_t size = 0; size <= whole; size += 1 + size / 9)
      EXPECT_NE(why_not(std::string_view(content).substr(0, size)), "decoded") << path << " cut to " << size;
  }
  const std::string jpeg = read_file(kGolden / "decode/colour_420.jpg");
  EXPECT_THAT(why_not(jpeg.substr(0, jpeg.size() - 40)), HasSubstr("photo.jpg: is truncated"));
  const std::string png = read_file(kGolden / "decode/rgb.png");
  EXPECT_THAT(why_not(png.substr(0, png.size() / 2)), HasSubstr("photo.jpg: is truncated"));
  const std::string webp = read_file(kGolden / "decode/lossless.webp");
  EXPECT_THAT(why_not(webp.substr(0, webp.size() / 2)), HasSubstr("photo.jpg: is truncated"));
}

TEST(Decode, SaysWhatTheFileIsInstead) {
  EXPECT_EQ(why_not(""), "photo.jpg: is empty");
  EXPECT_EQ(why_not("a caption\n"), "photo.jpg: is not a JPEG, PNG or WebP image but text");
  EXPECT_EQ(why_not(" <!DOCTYPE html><p>"), "photo.jpg: is not a JPEG, PNG or WebP image but an HTML page");
  EXPECT_THAT(why_not("<svg xmlns='a'/>"), HasSubstr("an SVG drawing"));
  EXPECT_THAT(why_not("GIF89a\1\0\1\0"sv), HasSubstr("a GIF image"));
  EXPECT_THAT(why_not("BM\x40\0\0\0\0\0\0\0"sv), HasSubstr("a BMP image"));
  EXPECT_THAT(why_not("II*\0\x08\0\0\0"sv), HasSubstr("a TIFF image"));
  EXPECT_THAT(why_not("MM\0*\0\0\0\x08"sv), HasSubstr("a TIFF image"));
  EXPECT_THAT(why_not("\0\0\0\x18"
                      "ftypheic"sv),
              HasSubstr("a HEIC image"));
  EXPECT_THAT(why_not("%PDF-1.7"), HasSubstr("a PDF document"));
  EXPECT_EQ(why_not("\x01\x02\x03\x04\xfe"sv), "photo.jpg: is not a JPEG, PNG or WebP image");
  EXPECT_THAT(why_not(read_file(kGolden / "refused/animated.webp")), HasSubstr("is an animated WebP"));
}

TEST(Decode, RefusesHugePicturesByTheirHeader) {
  EXPECT_THAT(why_not(read_file(kGolden / "refused/huge.jpg")), HasSubstr("65500 x 65500 pixels"));
  EXPECT_THAT(why_not(read_file(kGolden / "refused/huge.png")), HasSubstr("20000 x 20000 pixels"));
}

TEST(Decode, RefusesSizesThatTheFileCannotHold) {
  const auto lie = AllOf(HasSubstr("is truncated"), HasSubstr("cannot hold 9000 x 9000 pixels"));
  EXPECT_THAT(why_not(read_file(kGolden / "refused/untrue.jpg")), lie);
  EXPECT_THAT(why_not(read_file(kGolden / "refused/untrue.png")), lie);
}

TEST(Decode, TakesOnlyGrayAndColour) {
  const std::string content = read_file(kGolden / "decode/rgb.png");
  EXPECT_THROW(decode(content, 4), UsageError);
  EXPECT_THROW(decode(content, 0), UsageError);
}

TEST(Decode, GoesByContentNotByName) {
  const fs::path folder = fs::path(testing::TempDir()) / ("alexnet_decode_" + std::to_string(::getpid()));
  fs::create_directories(folder / "folder.jpg");
  fs::copy_file(kGolden / "decode/rgb.png", folder / "really_png.jpg", fs::copy_options::overwrite_existing);
  ASSERT_EQ(::mkfifo((folder / "pipe.jpg").c_str(), 0600), 0);
  EXPECT_EQ(load_image(folder / "really_png.jpg", 3).channels, 3);
  EXPECT_THROW(load_image(folder / "folder.jpg", 3), DataError);
  EXPECT_THROW(load_image(folder / "pipe.jpg", 3), DataError);
  EXPECT_THROW(load_image(folder / "missing.jpg", 3), DataError);
  fs::remove_all(folder);
}

// Any bytes give an image that is whole, or a DataError.
TEST(Decode, SurvivesDamage) {
  constexpr int kPerPicture = 100;
  int decoded = 0, refused = 0;
  std::uint64_t index = 0;
  for (const fs::path& path : golden_pictures()) {
    const std::string whole = read_file(path);
    for (int i = 0; i < kPerPicture; ++i) {
      RandomStream random(1, Purpose::kSample, 0, index++);
      std::string content = whole;
      const auto size = static_cast<std::uint32_t>(content.size());
      for (std::uint32_t hits = 1 + random.below(6); hits > 0; --hits)
        content[random.below(size)] = static_cast<char>(random.next());
      if (random.below(4) == 0) content.resize(1 + random.below(size));
      const int channels = random.below(2) == 0 ? 1 : 3;
      try {
        const Image image = decode(content, channels);
        ++decoded;
        ASSERT_EQ(image.channels, channels);
        ASSERT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) * image.height * channels);
      } catch (const DataError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(decoded, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace alexnet
