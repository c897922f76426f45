// One rule for what an image is, in every kind of place.
#include "alexnet/image_files.h"

#include <gmock/gmock.h>

#include <map>

#include "data/files/file_rules.h"
#include "data/files/file_tree.h"
#include "tests/data/fixtures.h"
#include "tests/ordinary_user.h"

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

TEST(FileRules, NamesAndFirstBytes) {
  for (const char* name : {"a.jpg", "a.JPEG", "a.b.Png", "x.webp", "x.HEIC", "x.CR2", "x.gif"})
    EXPECT_TRUE(is_named_like_image(name)) << name;
  for (const char* name : {"a.jpg.json", "a.xmp", "a.txt", "jpg", "a.svg", "a.", ".jpg", ""})
    EXPECT_FALSE(is_named_like_image(name)) << name;
  for (const char* name : {".DS_Store", "Thumbs.db", "THUMBS.DB", "desktop.ini", "@eaDir",
                           ".ipynb_checkpoints", "__MACOSX", "..", "$RECYCLE.BIN"})
    EXPECT_TRUE(is_hidden_name(name)) << name;
  EXPECT_FALSE(is_hidden_name("cat"));
  EXPECT_TRUE(begins_like_image("\xff\xd8\xff\xe0"));
  EXPECT_TRUE(begins_like_image(png(2, 2, 1).substr(0, 16)));
  EXPECT_TRUE(begins_like_image("GIF89a"));
  for (const char* text : {"BMW and other cars", "hello", "{", "", "%PDF-1.4", "<svg"})
    EXPECT_FALSE(begins_like_image(text)) << text;
}

TEST(ImageFiles, WithoutAllThatLiesBesideThem) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"b/2.png", "1.PNG", "b/no_ending", "@eaDir/1.png", ".ipynb_checkpoints/1.png"});
  for (const char* side : {"1.jpg.json", "1.xmp", "b/notes.txt", "b/Thumbs.db", "b/film.mov"})
    write(folder / side, "not an image");
  write(folder / "b/broken.heic", "named like one");
  std::filesystem::create_symlink("nowhere", folder / "b/dead.jpg");
  const ImageFiles found = list_image_files(folder.path());
  EXPECT_THAT(found.files, ElementsAre(folder / "1.PNG", folder / "b/2.png", folder / "b/broken.heic",
                                       folder / "b/no_ending"));
  PassedOver expected;
  expected.no_images = 4;
  expected.hidden = 3;
  expected.dead_links = 1;
  EXPECT_EQ(found.passed_over, expected);
  EXPECT_EQ(to_string(found.passed_over),
            "4 files that are no images, 3 hidden files or folders, 1 link to nothing");
  EXPECT_EQ(to_string(PassedOver{}), "");
}

TEST(ImageFiles, AreRecognisedByAsManyBytesAsTheirKindNeeds) {
  const TemporaryFolder folder;
  write(folder / "no_ending", "P5\n#" + std::string(1000, 'c') + "\n1 1\n255\nx");
  EXPECT_THAT(list_image_files(folder.path()).files, ElementsAre(folder / "no_ending"));
}

/// Folders "a/b", "a/c" and the like, each with an image; counts how often each is opened.
class CountedFolders final : public FileTree {
 public:
  Bytes read(const std::string& path) const override { return Bytes::own(path, ""); }
  std::size_t size(const std::string&) const override { return 0; }
  std::optional<fs::path> place(const std::string&) const override { return std::nullopt; }

  mutable std::map<std::string, int> opened;

 protected:
  void each(const std::string& path, const Visit& visit) const override {
    ++opened[path];
    if (!visit("1.png", Type::kFile)) return;
    for (const char* name : {"a", "b"})
      if (path.size() < 3 && !visit(name, Type::kFolder)) return;
  }
  std::string first_bytes(const std::string&) const override { return {}; }
  bool has_file(const std::string&) const override { return false; }
  Identity identity(const std::string& folder) const override { return folder; }
  std::set<Identity> ancestors(const std::string&) const override { return {}; }
};

TEST(ImageFiles, EveryFolderIsListedOnceAfterALookForResults) {
  const CountedFolders tree;
  EXPECT_EQ(tree.images("").paths.size(), 7U);
  for (const auto& [folder, times] : tree.opened) EXPECT_EQ(times, folder.empty() ? 1 : 2) << folder;
}

TEST(ImageFiles, FoldersInsideThatCannotBeListedArePassedOver) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png", "b/closed/2.png"});
  fs::permissions(folder.path(), static_cast<fs::perms>(0755));
  fs::permissions(folder / "b/closed", fs::perms::none);
  {
    const AsOrdinaryUser user;
    const ImageFiles found = list_image_files(folder.path());
    EXPECT_THAT(found.files, ElementsAre(folder / "a/1.png", folder / "b/1.png"));
    EXPECT_EQ(to_string(found.passed_over), "1 folder that cannot be listed");
  }
  fs::permissions(folder / "b/closed", fs::perms::owner_all);
}

TEST(ImageFiles, SideFilesAreNeitherImagesNorClasses) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png", "@eaDir/a/1.png", "b/@eaDir/1.png", "overview.png"});
  for (const char* side : {"a/1.png.json", "a/1.xmp", "labels.txt", "b/desktop.ini"})
    write(folder / side, "text");
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(data.classes, ElementsAre("a", "b"));
  EXPECT_EQ(data.train->size(), 2U);
  EXPECT_THAT(
      data.notes,
      ElementsAre(
          "passed over in " + folder.path().string() +
          ": 3 files that are no images, 1 image beside the class folders, 3 hidden files or folders"));
}

}  // namespace
}  // namespace alexnet::test
