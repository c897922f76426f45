#include "alexnet/image_formats.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"

namespace alexnet {
namespace {

using namespace std::string_view_literals;
namespace fs = std::filesystem;

FileKind kind_of(std::string_view content) { return file_kind(std::as_bytes(std::span(content))); }

TEST(ImageFormats, AreListedWithTheirExtensions) {
  std::string all;
  for (const ImageFormat& format : image_formats()) {
    all += format.name;
    for (const std::string_view extension : format.extensions) all += extension;
    all += ' ';
  }
  EXPECT_EQ(all,
            "JPEG.jpg.jpeg.jpe.jfif PNG.png.apng WebP.webp TIFF.tif.tiff GIF.gif BMP.bmp.dib "
            "PNM.ppm.pgm.pbm.pnm ");
  EXPECT_EQ(image_format_names(), "JPEG, PNG, WebP, TIFF, GIF, BMP or PNM");
}

TEST(ImageFormats, AreInTheDocumentation) {
  const std::string page = read_file(fs::path(ALEXNET_TEST_DATA) / "../../../docs/file-formats.md");
  for (const ImageFormat& format : image_formats()) {
    std::string row = "\n| " + std::string(format.name) + " |";
    for (const std::string_view extension : format.extensions) row += " `" + std::string(extension) + "`";
    EXPECT_THAT(page, testing::HasSubstr(row + " |"));
  }
}

TEST(ImageFormats, FilesAreNamedLikeImages) {
  for (const char* name : {"a.jpg", "A.JPG", "x/a.b.Tiff", "a.pgm", "a.gif"})
    EXPECT_TRUE(has_image_extension(name)) << name;
  for (const char* name : {"jpg", ".jpg", "a.jpg.txt", "a.heic", "a", "a."})
    EXPECT_FALSE(has_image_extension(name)) << name;
}

TEST(ImageFormats, AllFilesOfThemAreRecognisedByTheirFirstBytes) {
  for (const auto& entry : fs::directory_iterator(fs::path(ALEXNET_TEST_DATA) / "decode")) {
    const std::string content = read_file(entry.path()).substr(0, kFileKindBytes);
    const FileKind kind = kind_of(content);
    EXPECT_TRUE(kind.read && kind.image) << entry.path() << " " << kind.name;
    EXPECT_TRUE(has_image_extension(entry.path())) << entry.path();
  }
}

TEST(ImageFormats, NameOtherKindsToo) {
  const std::pair<std::string_view, std::string_view> images[] = {
      {"\0\0\0\x18"
       "ftypheic\0\0\0\0mif1heic"sv,
       "HEIC image"},
      {"\0\0\0\x18"
       "ftypmif1\0\0\0\0mif1heic"sv,
       "HEIC image"},
      {"\0\0\0\x18"
       "ftypmif1\0\0\0\0mif1avif"sv,
       "AVIF image"},
      {"\0\0\0\x18"
       "ftypavis\0\0\0\0msf1avis"sv,
       "AVIF image"},
      {"\0\0\0\x18"
       "ftypcrx \0\0\0\1crx isom"sv,
       "CR3 raw image"},
      {"\xff\x0a\xfa"sv, "JPEG XL image"},
      {"\0\0\0\x0cJXL \r\n\x87\n"sv, "JPEG XL image"},
      {"\0\0\0\x0cjP  \r\n\x87\n"sv, "JPEG 2000 image"},
      {"\xff\xd8\xff\xe0\0\4ab\xff\xc3\0\x0b"sv, "lossless JPEG image"},
      {"\xff\xd8\xff\xf7\0\x0b"sv, "JPEG-LS image"},
      {"II*\0\x10\0\0\0CR\2\0"sv, "CR2 raw image"},
      // A directory of one tag, DNGVersion; and of two, a preview's type and the offset of another directory.
      {"II*\0\x08\0\0\0\1\0\x12\xc6\1\0\4\0\0\0\1\4\0\0"sv, "DNG raw image"},
      {"MM\0*\0\0\0\x08\0\2\0\xfe\0\4\0\0\0\1\0\0\0\1\1\x4a\0\4\0\0\0\1\0\0\1\0"sv, "raw image of a camera"},
      {"FUJIFILMCCD-RAW 0201"sv, "raw image of a camera"},
      {"IIU\0\x18\0\0\0"sv, "raw image of a camera"},
      {"8BPS\0\1"sv, "Photoshop document"},
      {"<svg xmlns='a'/>"sv, "SVG drawing"},
      {"%PDF-1.7"sv, "PDF document"},
      {"P7\nWIDTH 1\n"sv, "PAM image"},
      {"\0\0\1\0\1\0"sv, "Windows icon"},
  };
  for (const auto& [content, name] : images) {
    const FileKind kind = kind_of(content);
    EXPECT_EQ(kind.name, name);
    EXPECT_TRUE(kind.image && !kind.read) << name;
  }
  const std::pair<std::string_view, std::string_view> others[] = {
      {"a caption"sv, "text"},
      {"P1 is a name"sv, "text"},
      {"BMW"sv, "text"},
      {"<html>"sv, "HTML page"},
      {"PK\3\4"sv, "zip archive"},
      {"\0\0\0\x18"
       "ftypisom\0\0\0\0isommp42"sv,
       "film"},
      {"\1\2\3\xfe"sv, ""},
      {""sv, "text"},
  };
  for (const auto& [content, name] : others) {
    const FileKind kind = kind_of(content);
    EXPECT_EQ(kind.name, name);
    EXPECT_FALSE(kind.image || kind.read) << name;
  }
}

}  // namespace
}  // namespace alexnet
