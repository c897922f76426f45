#include "alexnet/embed.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "alexnet/error.h"
#include "tests/error_text.h"
#include "tests/explain/golden_images.h"

namespace alexnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> cells_of(const std::string& line, char separator) {
  std::istringstream text(line);
  std::vector<std::string> cells;
  for (std::string cell; std::getline(text, cell, separator);) cells.push_back(cell);
  return cells;
}

using Embed = FolderTest;

TEST_F(Embed, RowsAreTheLayersOutput) {
  // The last layer's are the probabilities that PyTorch gives.
  const Tensor expected = read_npy(golden("probabilities.npy"));
  std::vector<std::filesystem::path> files = golden_images();
  files.insert(files.begin() + 2, folder_ / "missing.png");
  for (const char* engine : {"cpu", "reference"}) {
    const Embeddings found = embed(golden_model(), files, {.layer = "prob", .batch = 2, .engine = engine});
    EXPECT_EQ(found.files, golden_images());
    ASSERT_EQ(found.vectors.shape, expected.shape);
    for (std::size_t i = 0; i < expected.values.size(); ++i)
      EXPECT_NEAR(found.vectors.values[i], expected.values[i], 1e-5) << i;
    ASSERT_EQ(found.unreadable.size(), 1U);
    EXPECT_EQ(found.unreadable[0].first, folder_ / "missing.png");
  }
}

TEST_F(Embed, TakesDecodedImages) {
  std::vector<ImageInput> images;
  for (const auto& file : golden_images()) images.emplace_back(load_image(file, 3), file.string());
  const Embeddings found = embed(golden_model(), images), expected = embed(golden_model(), golden_images());
  EXPECT_EQ(found.files, expected.files);
  EXPECT_EQ(found.vectors.shape, expected.vectors.shape);
  EXPECT_EQ(found.vectors.values, expected.vectors.values);
}

TEST(EmbeddingLayerTest, IsTheLastDenseOneBeforeTheClasses) {
  EXPECT_EQ(embedding_layer(build(227, 227, 3, 10)), "fc7");
  EXPECT_EQ(embedding_layer(golden_model().spec), "flat");
  EXPECT_THROW(embedding_layer({"conv only", {3, 4, 4}, {{"conv", Conv{.filters = 1}}}}), UsageError);
  EXPECT_THAT(
      error_text<UsageError>([] { embed(golden_model(), std::span<const ImageInput>(), {.layer = "fc7"}); }),
      HasSubstr("fc7"));
}

TEST_F(Embed, TakesNoImagesAndImagesInBraces) {
  EXPECT_THAT(embed(golden_model(), {}).files, testing::IsEmpty());
  EXPECT_THAT(embed(golden_model(), {}, {.batch = 2}).vectors.shape[0], 0);
  const auto files = golden_images();
  const Embeddings two = embed(golden_model(), {files[1], ImageInput(files[0])}, {.layer = "prob"});
  EXPECT_THAT(two.files, ElementsAre(files[1], files[0]));
}

TEST_F(Embed, CsvHasTheFileAndEveryValue) {
  const Embeddings two{"fc", {"a.png", "odd, \"name\".png"}, {{2, 2}, {0.5F, -1.25F, 1e-20F, 3.0F}}, {}};
  write_embeddings(two, *embeddings_csv(folder_ / "v.csv", 2));
  EXPECT_THAT(lines_of(folder_ / "v.csv"),
              ElementsAre("file,0,1", "a.png,0.5,-1.25", "\"odd, \"\"name\"\".png\",1e-20,3"));
}

TEST_F(Embed, NpyHasEveryValueAndTheFilesBesideIt) {
  const Embeddings two{"fc", {"a.png", "odd, \"name\".png"}, {{2, 2}, {0.5F, -1.25F, 1e-20F, 3.0F}}, {}};
  write_embeddings(two, *embeddings_npy(folder_ / "v.npy", folder_ / "v.txt", 2));
  EXPECT_EQ(read_npy(folder_ / "v.npy").shape, two.vectors.shape);
  EXPECT_EQ(read_npy(folder_ / "v.npy").values, two.vectors.values);
  EXPECT_THAT(lines_of(folder_ / "v.txt"), ElementsAre("a.png", "odd, \"name\".png"));
}

TEST_F(Embed, FilesKeepNothingInMemoryAndAppearAtTheEnd) {
  const std::vector<float> vector(16, 1.5F);
  const auto size = [](const std::filesystem::path& name) { return static_cast<int>(lines_of(name).size()); };
  const auto npy = embeddings_npy(folder_ / "v.npy", folder_ / "v.txt", 16);
  const auto csv = embeddings_csv(folder_ / "v.csv", 16);
  constexpr int kImages = 20'000;
  const std::size_t before = ::mallinfo2().uordblks;
  for (int i = 0; i < kImages; ++i)
    for (const auto& files : {npy.get(), csv.get()}) files->add("photo.png", vector);
  EXPECT_LT(::mallinfo2().uordblks, before + 100'000);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "."));
  npy->finish();
  csv->finish();
  EXPECT_EQ(read_npy(folder_ / "v.npy").shape, (Shape{kImages, 16}));
  EXPECT_EQ(size(folder_ / "v.txt"), kImages);
  EXPECT_EQ(size(folder_ / "v.csv"), kImages + 1);
}

TEST_F(Embed, APipeTakesNoNpy) {
  ASSERT_EQ(::mkfifo((folder_ / "v.npy").c_str(), 0600), 0);
  const int reader = ::open((folder_ / "v.npy").c_str(), O_RDONLY | O_NONBLOCK);
  EXPECT_THAT(error_text<DataError>([&] { embeddings_npy(folder_ / "v.npy", folder_ / "v.txt", 2); }),
              HasSubstr(".csv"));
  ::close(reader);
}

TEST_F(Embed, TheProjectorsFilesFitTogether) {
  const Embeddings found = embed(golden_model(), golden_images());
  write_embeddings(found, *embeddings_projector(folder_ / "projector", found.layer, found.vectors.shape[1]));
  const auto tensors = lines_of(folder_ / "projector" / "tensors.tsv");
  ASSERT_EQ(tensors.size(), 5U);
  const auto cells = cells_of(tensors[4], '\t');
  ASSERT_EQ(cells.size(), static_cast<std::size_t>(found.vectors.shape[1]));
  for (std::size_t i = 0; i < cells.size(); ++i)
    EXPECT_EQ(std::stof(cells[i]), found.vectors.values[4 * cells.size() + i]);
  const auto metadata = lines_of(folder_ / "projector" / "metadata.tsv");
  ASSERT_EQ(metadata.size(), 6U);
  EXPECT_EQ(metadata[0], "file\tfolder");
  EXPECT_TRUE(metadata[5].ends_with("image4.png\tgolden")) << metadata[5];
  // Five images: three across, three down.
  const Image sprite = load_image(folder_ / "projector" / "sprite.png", 3);
  EXPECT_EQ(sprite.width, 3 * 64);
  EXPECT_EQ(sprite.height, 3 * 64);
  std::ostringstream config;
  config << std::ifstream(folder_ / "projector" / "projector_config.pbtxt").rdbuf();
  for (const char* text : {"tensor_path: \"tensors.tsv\"", "metadata_path: \"metadata.tsv\"",
                           "image_path: \"sprite.png\"", "single_image_dim: 64", "tensor_shape: 5"})
    EXPECT_THAT(config.str(), HasSubstr(text));
}

}  // namespace
}  // namespace alexnet
