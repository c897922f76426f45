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
using testing::AnyOf;
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

std::vector<fs::path> golden_images(const fs::path& folder = kGolden / "decode") {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() != ".pgm" && entry.path().extension() != ".ppm")
      paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

// Those of the sources, or those of a folder: tools/check_image_decoders.py makes thousands of them.
std::vector<fs::path> images_to_compare() {
  const char* folder = std::getenv("ALEXNET_IMAGE_CORPUS");
  return folder == nullptr ? golden_images() : golden_images(folder);
}

std::string test_name(const fs::path& file) {
  std::string name = file.filename().string();
  std::ranges::replace(name, '.', '_');
  return name;
}

class GoldenImage : public testing::TestWithParam<fs::path> {
 protected:
  // Levels that a decoder may differ by: JPEG and lossy WebP leave rounding to it. The versions of
  // libjpeg-turbo and libwebp tried so far (2.1.5 against 3.2.0, 1.2.4 against 1.6.0) do not differ.
  int tolerance() const {
    return GetParam().extension() == ".jpg" || test_name(GetParam()).starts_with("lossy") ? 2 : 0;
  }

  void expect_like_pillow(int channels, const std::string& extension) const {
    const Image expected = read_pnm(GetParam().parent_path() / (test_name(GetParam()) + extension));
    const Image image = load_image(GetParam(), channels);
    ASSERT_EQ(image.width, expected.width);
    ASSERT_EQ(image.height, expected.height);
    ASSERT_EQ(image.channels, channels);
    ASSERT_EQ(image.pixels.size(), expected.pixels.size());
    int worst = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      worst = std::max(worst, std::abs(image.pixels[i] - expected.pixels[i]));
    RecordProperty("worst_difference", worst);
    EXPECT_LE(worst, tolerance());
  }
};

TEST_P(GoldenImage, IsWhatPillowSees) { expect_like_pillow(3, ".ppm"); }
TEST_P(GoldenImage, IsWhatPillowSeesInGray) { expect_like_pillow(1, ".pgm"); }

INSTANTIATE_TEST_SUITE_P(Decode, GoldenImage, testing::ValuesIn(images_to_compare()),
                         [](const auto& file) { return test_name(file.param); });

TEST(Decode, HasEnoughImagesToTest) { EXPECT_GE(golden_images().size(), 155U); }

TEST(Decode, EveryTruncationIsAnError) {
  for (const fs::path& path : golden_images()) {
    const std::string content = read_file(path);
    // The end of other files than JPEG may be missing: what comes after the pixels is of no use to us. Most
    // of an animation, and of a file of pages, is.
    const std::string name = path.filename().string();
    const bool several = name.starts_with("animated") || name.starts_with("pages");
    const std::size_t whole =
        path.extension() == ".jpg" ? content.size() - 1 : content.size() / (several ? 4 : 2);
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
  const std::string kNo = "photo.jpg: is not a JPEG, PNG, WebP, TIFF, GIF, BMP or PNM image";
  EXPECT_EQ(why_not(""), "photo.jpg: is empty");
  EXPECT_EQ(why_not("a caption\n"), kNo + " but text");
  EXPECT_EQ(why_not("BMW is a car, P5 none\n"), kNo + " but text");
  EXPECT_EQ(why_not(" <!DOCTYPE html><p>"), kNo + " but an HTML page");
  EXPECT_EQ(why_not("PK\x03\x04"), kNo + " but a zip archive");
  EXPECT_EQ(why_not("\x01\x02\x03\x04\xfe"sv), kNo);
  EXPECT_EQ(why_not("\0\0\0\x18"
                    "ftypheic"sv),
            "photo.jpg: is a HEIC image, which this program does not read; convert it to JPEG or PNG");
  EXPECT_THAT(why_not("%PDF-1.7"), HasSubstr("is a PDF document, which this program does not read"));
  EXPECT_THAT(why_not("<svg xmlns='a'/>"), HasSubstr("is an SVG drawing, which this program does not read"));
}

// The process of a JPEG file is behind its notes, which may be long.
TEST(Decode, NamesProcessesOfJpegThatAreNotRead) {
  const std::string jpeg = read_file(kGolden / "decode/xmp.jpg");
  const std::size_t frame = jpeg.find("\xff\xc0");
  const auto with_process = [&](char marker) {
    std::string other = jpeg;
    other[frame + 1] = marker;
    return other;
  };
  EXPECT_THAT(why_not(with_process('\xc3')), HasSubstr("is a lossless JPEG image, which this program"));
  EXPECT_THAT(why_not(with_process('\xc5')), HasSubstr("is a hierarchical JPEG image, which this program"));
  EXPECT_THAT(why_not(with_process('\xf7')), HasSubstr("is a JPEG-LS image, which this program"));
}

TEST(Decode, NamesKindsOfTiffThatAreNotRead) {
  const std::string gray = read_file(kGolden / "decode/gray_8.tif");
  // Directory entries of 12 bytes begin at byte 10: tag, type, count and value, in little endian.
  const auto with_entry = [&](int entry, std::string_view tag, std::string_view value) {
    std::string other = gray;
    const std::size_t at = 10 + 12 * static_cast<std::size_t>(entry);
    other.replace(at, 2, tag);
    other.replace(at + 8, value.size(), value);
    return other;
  };
  EXPECT_THAT(why_not(with_entry(2, "\x02\x01"sv, "\x40\0"sv)), HasSubstr("of 64 bits per channel"));
  const std::string floats = with_entry(7, "\x53\x01"sv, "\x03\0"sv);
  EXPECT_EQ(
      why_not(floats),
      "photo.jpg: is a TIFF image of floating-point numbers, which this program does not read; convert it to "
      "8 or 16 bits per channel");
}

TEST(Decode, NamesKindsOfBmpThatAreNotRead) {
  std::string bmp = read_file(kGolden / "decode/rgb.bmp");
  bmp[30] = 4;  // the compression
  EXPECT_THAT(why_not(bmp), HasSubstr("is a BMP image of 24 bits with compression 4, which this program"));
}

TEST(Decode, NamesTheFormatOfATruncatedFile) {
  for (const char* file : {"rgb.bmp", "rgb.pnm"}) {
    const std::string content = read_file(kGolden / "decode" / file);
    EXPECT_THAT(why_not(content.substr(0, content.size() * 3 / 4)), HasSubstr("is truncated")) << file;
  }
  const std::string runs = read_file(kGolden / "decode/runs_8.bmp");
  EXPECT_EQ(why_not(runs.substr(0, runs.size() - 20)),
            "photo.jpg: is truncated: the BMP data ends too early");
  const std::string gif = read_file(kGolden / "decode/palette.gif");
  EXPECT_EQ(why_not(gif.substr(0, gif.size() - 9)), "photo.jpg: is truncated: the GIF data ends too early");
  const std::string text = read_file(kGolden / "decode/text_gray.pnm");
  EXPECT_EQ(why_not(text.substr(0, text.size() - 9)), "photo.jpg: is truncated: the PNM data ends too early");
  const std::string tiff = read_file(kGolden / "decode/rgb_tiff_lzw.tif");
  EXPECT_THAT(why_not(tiff.substr(0, tiff.size() - 30)), HasSubstr("is a truncated or broken TIFF"));
}

TEST(Decode, RefusesHugeImagesByTheirHeader) {
  EXPECT_THAT(why_not(read_file(kGolden / "refused/huge.jpg")), HasSubstr("65500 x 65500 pixels"));
  EXPECT_THAT(why_not(read_file(kGolden / "refused/huge.png")), HasSubstr("20000 x 20000 pixels"));
}

TEST(Decode, RefusesSizesThatTheFileCannotHold) {
  const auto lie = AllOf(HasSubstr("is truncated"), HasSubstr("cannot hold 9000 x 9000 pixels"));
  EXPECT_THAT(why_not(read_file(kGolden / "refused/untrue.jpg")), lie);
  EXPECT_THAT(why_not(read_file(kGolden / "refused/untrue.png")), lie);
}

// Small files of the new formats that claim 9000 x 9000 pixels, or more than are accepted.
TEST(Decode, TrustsNoHeaderOfAnyFormat) {
  const auto replaced = [](const char* file, std::size_t at, std::string_view bytes) {
    return read_file(kGolden / "decode" / file).replace(at, bytes.size(), bytes);
  };
  const auto truncated = AllOf(HasSubstr("is truncated"), HasSubstr("cannot hold"));
  constexpr std::string_view k9000 = "\x28\x23\0\0\x28\x23\0\0"sv;
  EXPECT_THAT(why_not(replaced("rgb.bmp", 18, k9000)), truncated);
  EXPECT_THAT(why_not(replaced("runs_8.bmp", 18, k9000)), truncated);
  EXPECT_THAT(why_not("P6#a comment\n9000#another\n 9000 255\n..."), truncated);
  EXPECT_THAT(why_not("P2 9000 9000 255\n1 2"), truncated);
  EXPECT_THAT(why_not("P1 9000 9000\n0 1"), truncated);
  EXPECT_THAT(why_not("P5 900000000 900000000 255\n"), HasSubstr("more than the 200 million"));
  EXPECT_THAT(why_not(replaced("palette.gif", 6, "\x28\x23\x28\x23"sv)), truncated);
  EXPECT_THAT(why_not(replaced("palette.gif", 6, "\xff\xff\xff\xff"sv)), HasSubstr("65535 x 65535 pixels"));
  for (const char* file : {"gray_8.tif", "gray_tiles_16.tif"}) {  // the width and the length come first
    std::string tiff = replaced(file, 18, "\x28\x23\0\0"sv);
    tiff.replace(30, 4, "\x28\x23\0\0"sv);
    EXPECT_THAT(why_not(tiff), truncated) << file;
    tiff.replace(18, 4, "\x20\x4e\0\0"sv).replace(30, 4, "\x20\x4e\0\0"sv);
    // libtiff itself sees that there are too few tiles.
    EXPECT_THAT(why_not(tiff),
                AnyOf(HasSubstr("more than the 200 million"), HasSubstr("is a truncated or broken TIFF")))
        << file;
  }
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
  constexpr int kPerImage = 100;
  int decoded = 0, refused = 0;
  std::uint64_t index = 0;
  for (const fs::path& path : golden_images()) {
    const std::string whole = read_file(path);
    for (int i = 0; i < kPerImage; ++i) {
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
