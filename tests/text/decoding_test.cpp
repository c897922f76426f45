// Lists in other encodings than UTF-8.
#include "text/decoding.h"

#include <gtest/gtest.h>

namespace alexnet {
namespace {

using namespace std::string_literals;

TEST(Decoding, OfAWholeText) {
  EXPECT_EQ(to_utf8(""), "");
  EXPECT_EQ(to_utf8("h\xc3\xb6he"), "h\xc3\xb6he");
  EXPECT_EQ(to_utf8("\xef\xbb\xbfh"), "h");
  EXPECT_EQ(to_utf8("\xff\xfeh\0\xf6\0\x20\xac"s.substr(0, 6)), "h\xc3\xb6");
  EXPECT_EQ(to_utf8("\xfe\xff\0h\x20\xac"s), "h\xe2\x82\xac");
  EXPECT_EQ(to_utf8("\xff\xfe\x3d\xd8\x08\xdc!\0"s), "\xf0\x9f\x90\x88!");
  EXPECT_EQ(to_utf8("\xff\xfe\x3d\xd8!\0\x08\xdc"s), "\xef\xbf\xbd!\xef\xbf\xbd");  // halves alone
  EXPECT_EQ(to_utf8("\xff\xfeh\0!"s), "h");                                         // half a unit
}

TEST(Decoding, DoesNotDependOnWhereATextIsCut) {
  const std::string text = "\x3d\xd8\x08\xdc!\0"s;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    TextDecoder decoder(TextEncoding::kUtf16Little);
    std::string utf8;
    decoder.decode(text.substr(0, at), utf8);
    decoder.decode(text.substr(at), utf8);
    EXPECT_EQ(utf8, "\xf0\x9f\x90\x88!") << at;
  }
}

TEST(Decoding, AMarkIsToldAsSoonAsItCanBe) {
  EXPECT_FALSE(byte_order_mark("", true));
  EXPECT_FALSE(byte_order_mark("\xef\xbb", true));
  EXPECT_EQ(byte_order_mark("\xef\xbb", false)->bytes, 0U);
  EXPECT_EQ(byte_order_mark("\xef\xbb!", true)->bytes, 0U);
  EXPECT_EQ(byte_order_mark("\xff\xfe", true)->encoding, TextEncoding::kUtf16Little);
}

}  // namespace
}  // namespace alexnet
