// Lists of files and classes.
#include <gmock/gmock.h>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

class CsvList : public testing::Test {
 protected:
  CsvList() { write_images(folder_.path(), {"x/1.png", "x/2.png", "x/a, b.png", "odd"}); }
  Dataset open(const std::string& text) {
    write(folder_ / "list.csv", text);
    return open_dataset(folder_ / "list.csv");
  }
  std::function<void()> opening(const std::string& text) {
    return [this, text] { open(text); };
  }

  TemporaryFolder folder_;
};

TEST_F(CsvList, IsReadInItsManySpellings) {
  const auto expected = ElementsAre(Pair("x/1.png", 1), Pair("x/2.png", 0));
  for (const std::string text :
       {"x/1.png,dog\nx/2.png,cat\n", "x/1.png,dog\r\nx/2.png,cat",
        "\xef\xbb\xbf"
        "file,label\nx/1.png,dog\nx/2.png,cat\n",
        "label,file\n\ndog,x/1.png\ncat,x/2.png\n", ",id,Class,Path\n0,7,dog,x/1.png\n1,8,cat,x/2.png\n",
        "file;label\nx/1.png;dog\nx/2.png;cat\n", "x/1.png\tdog\nx/2.png\tcat\n",
        "\"x/1.png\" , \"dog\"\n \"x/2.png\",\"cat\"\n"}) {
    const Dataset data = open(text);
    EXPECT_THAT(data.classes, ElementsAre("cat", "dog")) << text;
    EXPECT_THAT(listing(*data.train), expected) << text;
    EXPECT_EQ(data.train->load(1, 1).pixels.front(), 1);
  }
}

TEST_F(CsvList, MayBeUtf16WithAByteOrderMark) {
  const std::u16string list = u"\ufeffDatei;Klasse\r\nx/1.png;Spätzle\r\nx/2.png;\U0001F408\r\n";
  for (const bool big : {false, true}) {
    std::string bytes;
    for (const char16_t unit : list)
      for (const int byte : {0, 1}) bytes += static_cast<char>(unit >> ((byte == 0) == big ? 8 : 0) & 0xff);
    const Dataset data = open(bytes);
    EXPECT_THAT(data.classes, ElementsAre("Spätzle", "\xf0\x9f\x90\x88")) << big;
    EXPECT_THAT(listing(*data.train), ElementsAre(Pair("x/1.png", 0), Pair("x/2.png", 1))) << big;
  }
}

TEST_F(CsvList, QuotesAndOddNames) {
  const Dataset data = open("\"x/a, b.png\",\"the \"\"a\"\"\"\nodd,b\n");
  EXPECT_THAT(data.classes, ElementsAre("b", "the \"a\""));
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("x/a, b.png", 1), Pair("odd", 0)));
}

TEST_F(CsvList, ValidationMayBeAnotherListOrHeldOut) {
  write(folder_ / "val.csv", "\"x/a, b.png\",cat\nodd,dog\n");
  write(folder_ / "list.csv", "x/1.png,dog\nx/2.png,cat\n");
  DatasetOptions options;
  options.validation = folder_ / "val.csv";
  EXPECT_THAT(listing(*open_dataset(folder_ / "list.csv", options).validation),
              ElementsAre(Pair("x/a, b.png", 0), Pair("odd", 1)));
  EXPECT_EQ(open_evaluation(folder_ / "val.csv", {"dog", "cat"})->label(0), 1);
}

TEST_F(CsvList, AMissingFileIsABadImage) {
  const Dataset data = open("x/1.png,dog\nx/gone.png,cat\nx/2.png,cat\n");
  EXPECT_EQ(data.train->size(), 3U);
  EXPECT_THROW(data.train->load(1, 1), DataError);
}

TEST_F(CsvList, ErrorsNameTheLine) {
  expect_error<DataError>(opening("x/1.png,dog\nx/2.png\n"), {"list.csv", "line 2", "cats/1.jpg,cat"});
  expect_error<DataError>(opening("x/1.png,dog\n\nx/2.png,\n"), {"list.csv", "line 3", "names no class"});
  expect_error<DataError>(opening("x/1.png,dog\n,cat\n"), {"list.csv", "line 2", "names no file"});
  expect_error<DataError>(opening("x/1.png,\"dog\nx/2.png,cat\n"), {"list.csv", "line 1", "quote"});
  expect_error<DataError>(opening("file,label\n"), {"list.csv", "lists no images"});
  expect_error<DataError>(opening("y/1.png,dog\ny/2.png,cat\n"),
                          {"list.csv", "none of which", "y/1.png", "relative"});
  expect_error<DataError>(opening("x/1.png,dog\nx/2.png,dog\n"), {"list.csv", "single class"});
}

}  // namespace
}  // namespace alexnet::test
