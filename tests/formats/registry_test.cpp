#include "formats/registry/registry.h"

#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::string_literals;

TEST(Registry, ListsFormatsByName) {
  ASSERT_FALSE(importers().empty());
  EXPECT_EQ(importers().front()->name(), "safetensors");
  ASSERT_FALSE(exporters().empty());
  EXPECT_EQ(exporters().front()->name(), "safetensors");
}

TEST(Registry, GoesByContentBeforeNames) {
  const std::string content = Folder::read(golden("python.safetensors"));
  EXPECT_EQ(find_importer(Bytes::own("answer", content)).name(), "safetensors");
  EXPECT_EQ(find_importer(Bytes::own("photo.jpg", content)).name(), "safetensors");
  // The name helps where there is too little to tell.
  EXPECT_EQ(find_importer(Bytes::own("a/CUT.SafeTensors", content.substr(0, 5))).name(), "safetensors");
  EXPECT_THROW(find_importer(Bytes::own("cut", content.substr(0, 5))), DataError);
}

TEST(Registry, SaysWhatAFileOfNoKnownFormatLooksLike) {
  const auto says = [](const std::string& name, const std::string& content) {
    return error_text<DataError>([&] { load_weights(Bytes::own(name, content)); });
  };
  EXPECT_EQ(says("net.pth", "PK\x03\x04\x14\x00\x00\x08\x08"s),
            "net.pth: is not a model of a known format: it starts with 50 4b 03 04 14 00 00 08, like a zip "
            "archive; known: safetensors, PyTorch, Keras, ONNX, Caffe");
  EXPECT_THAT(says("x", "\x89PNG\r\n\x1a\n"), HasSubstr("89 50 4e 47 0d 0a 1a 0a, like a PNG image; known"));
  EXPECT_THAT(says("model.safetensors", "<html>not found, sorry</html>"), HasSubstr("like an HTML page"));
  EXPECT_THAT(says("x", "\x01\xff"), HasSubstr("starts with 01 ff; known"));
  EXPECT_EQ(says("x", ""), "x: is empty");
  const Folder folder;
  EXPECT_THAT(
      error_text<DataError>([&] { load_model(folder.write("a.npy", Folder::read(golden("f4.npy")))); }),
      AllOf(HasSubstr("a.npy: "), HasSubstr("like a NumPy array")));
}

TEST(Registry, RunFoldersStandForTheirModels) {
  const Folder folder;
  EXPECT_EQ(model_file(folder / "any"), folder / "any");
  EXPECT_THAT(error_text<DataError>([&] { model_file(folder / ""); }),
              HasSubstr("is a folder without a model"));
  EXPECT_EQ(trained_model(folder / ""), std::nullopt);
  folder.write("last.safetensors", "x");
  EXPECT_EQ(model_file(folder / ""), folder / "last.safetensors");
  folder.write("best.safetensors", "x");
  EXPECT_EQ(model_file(folder / ""), folder / "best.safetensors");
}

}  // namespace
}  // namespace alexnet
