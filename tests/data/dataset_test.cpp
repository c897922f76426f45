// Folders of class folders, and what holds for every kind of source.
#include "alexnet/dataset.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "tests/data/fixtures.h"
#include "tests/ordinary_user.h"

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(Folder, ClassesAreSortedAndImagesLabelled) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"dog/2.png", "dog/1.png", "cat/1.png", "Zebra/1.png"});
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(data.classes, ElementsAre("Zebra", "cat", "dog"));
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("Zebra/1.png", 0), Pair("cat/1.png", 1),
                                                Pair("dog/1.png", 2), Pair("dog/2.png", 2)));
  EXPECT_EQ(data.validation, nullptr);
  const Image image = data.train->load(3, 3);  // dog/2.png was written first: gray value 0
  EXPECT_EQ(image.width, 4);
  EXPECT_EQ(image.channels, 3);
  EXPECT_THAT(image.pixels, testing::Each(0));
  EXPECT_EQ(data.train->load(2, 1).pixels.front(), 1);
}

TEST(Folder, HiddenAndLeftBehindFilesAreIgnored) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png"});
  for (const char* name :
       {"a/.DS_Store", "a/Thumbs.db", "b/desktop.ini", ".git/config", "__MACOSX/a/1.png", "README"})
    write(folder / name, "no image");
  EXPECT_THAT(listing(*open_dataset(folder.path()).train),
              ElementsAre(Pair("a/1.png", 0), Pair("b/1.png", 1)));
}

TEST(Folder, FoldersInsideAClassAreWalked) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/x/y/1.png", "a/0.png", "b/1.png", "b/more.jpg/2.png"});
  EXPECT_THAT(listing(*open_dataset(folder.path()).train),
              ElementsAre(Pair("a/0.png", 0), Pair("a/x/y/1.png", 0), Pair("b/1.png", 1),
                          Pair("b/more.jpg/2.png", 1)));
}

TEST(Folder, OddFileNames) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a b/new\nline.png", "a b/\xff\xfe.png", "--help/1 2.png", "\xc3\xa4/%s.png"});
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(data.classes, ElementsAre("--help", "a b", "\xc3\xa4"));
  for (std::size_t i = 0; i < data.train->size(); ++i) EXPECT_EQ(data.train->load(i, 1).width, 4);
}

class Parts : public testing::TestWithParam<const char*> {};
TEST_P(Parts, TrainAndValidationInside) {
  const TemporaryFolder folder;
  const std::string name = GetParam();
  write_images(folder.path(),
               {"train/a/1.png", "train/b/1.png", name + "/a/9.png", name + "/b/9.png", "other/c/1.png"});
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(data.classes, ElementsAre("a", "b"));
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("train/a/1.png", 0), Pair("train/b/1.png", 1)));
  ASSERT_NE(data.validation, nullptr);
  EXPECT_THAT(listing(*data.validation), ElementsAre(Pair(name + "/a/9.png", 0), Pair(name + "/b/9.png", 1)));
  EXPECT_EQ(listing(*open_evaluation(folder.path(), {"a", "b"})), listing(*data.validation));
}
INSTANTIATE_TEST_SUITE_P(Names, Parts,
                         testing::Values("val", "valid", "validation", "test", "testing", "VAL", "Test"));

TEST(Folder, TrainingImagesMayLieInOtherSpellings) {
  for (const std::string name : {"Train", "TRAIN", "training", "Training"}) {
    const TemporaryFolder folder;
    write_images(folder.path(), {name + "/a/1.png", name + "/b/1.png", "Testing/a/9.png", "Testing/b/9.png"});
    const Dataset data = open_dataset(folder.path());
    EXPECT_THAT(data.classes, ElementsAre("a", "b")) << name;
    ASSERT_NE(data.validation, nullptr) << name;
    EXPECT_THAT(listing(*data.validation),
                ElementsAre(Pair("Testing/a/9.png", 0), Pair("Testing/b/9.png", 1)));
  }
}

TEST(Folder, OneFolderAroundItAllIsTolerated) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"pets/train/a/1.png", "pets/train/b/1.png", "pets/val/a/1.png", "pets/val/b/1.png"});
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(data.classes, ElementsAre("a", "b"));
  EXPECT_EQ(data.validation->size(), 2U);
}

TEST(Folder, AClassMayBeCalledTrain) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"bus/1.png", "car/1.png", "train/1.png"});
  EXPECT_THAT(open_dataset(folder.path()).classes, ElementsAre("bus", "car", "train"));
}

TEST(Folder, AClassInCapitalsMayHoldFolders) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"Airplane/1.png", "Bus/1.png", "Train/diesel/1.png", "Train/steam/1.png"});
  EXPECT_THAT(open_dataset(folder.path()).classes, ElementsAre("Airplane", "Bus", "Train"));
}

TEST(Folder, TheUsualSpellingIsPreferred) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"Train/a/1.png", "Train/b/1.png", "train/a/2.png", "train/b/2.png"});
  EXPECT_THAT(listing(*open_dataset(folder.path()).train),
              ElementsAre(Pair("train/a/2.png", 0), Pair("train/b/2.png", 1)));
}

TEST(Folder, ValidationFromElsewhere) {
  const TemporaryFolder folder;
  write_images(folder / "here", {"a/1.png", "b/1.png"});
  write_images(folder / "there", {"train/a/1.png", "train/b/1.png", "val/a/2.png", "val/b/2.png"});
  DatasetOptions options;
  options.validation = folder / "there";
  EXPECT_THAT(listing(*open_dataset(folder / "here", options).validation),
              ElementsAre(Pair("val/a/2.png", 0), Pair("val/b/2.png", 1)));
}

TEST(Folder, SymbolicLinksAreFollowedAndLoopsEnd) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"data/a/1.png", "data/b/1.png", "elsewhere/2.png", "elsewhere/deep/3.png"});
  fs::create_directory_symlink(folder / "elsewhere", folder / "data/a/more");
  fs::create_directory_symlink(folder / "elsewhere", folder / "data/c");
  fs::create_symlink(folder / "elsewhere/2.png", folder / "data/b/linked.png");
  fs::create_directory_symlink(folder / "data", folder / "data/a/up");
  fs::create_directory_symlink(".", folder / "data/itself");
  fs::create_directory_symlink("/", folder / "data/b/root");
  fs::create_directory_symlink("../../elsewhere", folder / "elsewhere/deep/again");
  fs::create_symlink("nowhere", folder / "data/a/nowhere.png");
  fs::create_symlink("me.png", folder / "data/a/me.png");
  const Dataset data = open_dataset(folder / "data");
  EXPECT_THAT(data.classes, ElementsAre("a", "b", "c"));
  EXPECT_THAT(
      listing(*data.train),
      ElementsAre(Pair("a/1.png", 0), Pair("a/more/2.png", 0), Pair("a/more/deep/3.png", 0),
                  Pair("b/1.png", 1), Pair("b/linked.png", 1), Pair("c/2.png", 2), Pair("c/deep/3.png", 2)));
  EXPECT_EQ(data.train->load(4, 1).width, 4);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("2 links to nothing")));
}

TEST(Folder, WhatIsNoRegularFileIsPassedOver) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png"});
  ASSERT_EQ(::mkfifo((folder / "a/2.jpg").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder / "a/3.jpg").c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  fs::create_symlink("/dev/zero", folder / "a/4.jpg");
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("a/1.png", 0), Pair("b/1.png", 1)));
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("3 FIFOs, sockets or devices")));
  ::close(socket);
}

TEST(Folder, ATextNamedJpgIsABadImage) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png"});
  write(folder / "b/2.jpg", "hello");
  write(folder / "b/3.jpg", "");
  const Dataset data = open_dataset(folder.path());
  ASSERT_EQ(data.train->size(), 4U);
  EXPECT_THROW(data.train->load(2, 1), DataError);
  EXPECT_THROW(data.train->load(3, 1), DataError);
}

TEST(FolderErrors, ClosedFolders) {
  const TemporaryFolder folder;
  write_images(folder / "photos/cats", {"1.png"});
  write_images(folder / "photos/dogs", {"1.png"});
  fs::permissions(folder / ".", static_cast<fs::perms>(0755));
  for (const char* closed : {"photos/dogs", "photos"}) {
    fs::permissions(folder / closed, fs::perms::none);
    {
      const AsOrdinaryUser user;
      expect_error<DataError>([&] { open_dataset(folder / "photos"); }, {closed, "Permission denied"});
      if (closed == std::string("photos"))
        expect_error<DataError>([&] { open_dataset(folder / "photos/train"); },
                                {"photos/train", "cannot be read"});
    }
    fs::permissions(folder / closed, fs::perms::owner_all);
  }
}

TEST(FolderErrors, NothingUsable) {
  const TemporaryFolder folder;
  const auto open = [&](const std::string& name) { return [&folder, name] { open_dataset(folder / name); }; };
  expect_error<DataError>(open("none"), {"none", "does not exist"});
  fs::create_directory_symlink("circle", folder / "circle");
  expect_error<DataError>(open("circle"), {"circle", "cannot be read", "permissions"});
  fs::create_directories(folder / "empty/.hidden");
  expect_error<DataError>(open("empty"), {"empty", "is empty", "cat/1.jpg"});
  write_images(folder / "flat", {"1.png", "2.png"});
  expect_error<DataError>(open("flat"), {"flat", "no folders named after classes", "cat/1.jpg"});
  write_images(folder / "flatparts", {"train/1.png", "val/2.png"});
  expect_error<DataError>(open("flatparts"), {"flatparts/train", "no folders named after classes"});
  write_images(folder / "one", {"cat/1.png", "cat/2.png"});
  expect_error<DataError>(open("one"), {"one", "a single class (cat)"});
  write_images(folder / "hollow", {"a/1.png", "b/1.png", "c/.hidden.png", "d/Thumbs.db"});
  expect_error<DataError>(open("hollow"), {"hollow", "classes without images: c, d"});
  write_images(folder / "untrained", {"val/a/1.png", "val/b/1.png"});
  expect_error<DataError>(open("untrained"), {"untrained", "no training images"});
  write(folder / "text.jpg", "hello, I am no archive and no data set either");
  expect_error<DataError>(open("text.jpg"), {"text.jpg", "is not a data set"});
  write(folder / "void", "");
  expect_error<DataError>(open("void"), {"void", "is empty"});
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  expect_error<DataError>(open("fifo"), {"fifo", "not a regular file"});
}

TEST(FolderErrors, TrainAndValidationDiffer) {
  const TemporaryFolder folder;
  write_images(folder / "x", {"train/a/1.png", "train/b/1.png", "val/a/1.png", "val/c/1.png"});
  expect_error<DataError>([&] { open_dataset(folder / "x"); },
                          {"x/val", "classes that", "x/train lacks: c", "add training images"});
  DatasetOptions options;
  options.validation = folder / "gone";
  write_images(folder / "z", {"a/1.png", "b/1.png"});
  expect_error<DataError>([&] { open_dataset(folder / "z", options); }, {"gone", "does not exist"});
}

TEST(Classes, OfAModelDecideTheLabels) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"cat/1.png", "dog/1.png"});
  DatasetOptions options;
  options.classes = {"dog", "emu", "cat"};
  const Dataset data = open_dataset(folder.path(), options);
  EXPECT_EQ(data.classes, options.classes);
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("cat/1.png", 2), Pair("dog/1.png", 0)));
  options.classes = {"cat", "emu"};
  expect_error<DataError>([&] { open_dataset(folder.path(), options); }, {"not known: dog", "cat, emu"});
}

TEST(Evaluation, OneClassIsEnough) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"dog/1.png", "dog/young/2.png"});
  EXPECT_THAT(listing(*open_evaluation(folder.path(), {"cat", "dog"})),
              ElementsAre(Pair("dog/1.png", 1), Pair("dog/young/2.png", 1)));
  expect_error<DataError>([&] { open_evaluation(folder.path(), {"cat", "emu"}); }, {"not known: dog"});
  write_images(folder / "x", {"wolf/1.png", "dog/1.png"});
  expect_error<DataError>(
      [&] {
        open_evaluation(folder / "x", {"cat", "dog"});
      },
      {"not known: wolf", "cat, dog"});
  fs::create_directories(folder / "y/dog");
  expect_error<DataError>([&] { open_evaluation(folder / "y", {"cat", "dog"}); }, {"no images"});
}

TEST(Split, IsStratifiedAndSeeded) {
  const TemporaryFolder folder;
  std::vector<std::string> paths = {"lone/1.png"};
  for (int i = 0; i < 40; ++i) paths.push_back("a/" + std::to_string(i) + ".png");
  for (int i = 0; i < 10; ++i) paths.push_back("b/" + std::to_string(i) + ".png");
  for (int i = 0; i < 3; ++i) paths.push_back("c/" + std::to_string(i) + ".png");
  write_images(folder.path(), paths);
  DatasetOptions options;
  options.validation_split = 0.2;
  options.seed = 1;
  const Dataset data = open_dataset(folder.path(), options);
  std::map<int, int> held;
  for (const auto& [name, label] : listing(*data.validation)) ++held[label];
  EXPECT_THAT(held, ElementsAre(Pair(0, 8), Pair(1, 2), Pair(2, 1)));
  std::set<std::string> names;
  for (const auto& [name, label] : listing(*data.train)) names.insert(name);
  for (const auto& [name, label] : listing(*data.validation)) names.insert(name);
  EXPECT_EQ(names, std::set<std::string>(paths.begin(), paths.end()));
  EXPECT_EQ(listing(*open_dataset(folder.path(), options).validation), listing(*data.validation));
  options.seed = 2;
  EXPECT_NE(listing(*open_dataset(folder.path(), options).validation), listing(*data.validation));
  for (const double fraction : {-0.1, 1.0, std::nan("")}) {
    options.validation_split = fraction;
    EXPECT_THROW(open_dataset(folder.path(), options), UsageError) << fraction;
  }
}

TEST(PerClass, KeepsAsManyOfEachClassBySeed) {
  const TemporaryFolder folder;
  std::vector<std::string> paths;
  paths.reserve(50);
  for (int i = 0; i < 40; ++i) paths.push_back("a/" + std::to_string(i) + ".png");
  for (int i = 0; i < 10; ++i) paths.push_back("b/" + std::to_string(i) + ".png");
  write_images(folder.path(), paths);
  DatasetOptions options;
  options.per_class = 12;
  options.seed = 1;
  const auto kept = [&] { return listing(*open_dataset(folder.path(), options).train); };
  const auto first = kept();
  std::map<int, int> counts;
  for (const auto& [name, label] : first) ++counts[label];
  EXPECT_THAT(counts, ElementsAre(Pair(0, 12), Pair(1, 10)));
  EXPECT_EQ(kept(), first);
  options.seed = 2;
  EXPECT_NE(kept(), first);

  options.validation_split = 0.5;  // comes first, and is left whole
  const Dataset data = open_dataset(folder.path(), options);
  EXPECT_EQ(data.validation->size(), 25U);
  EXPECT_EQ(data.train->size(), 17U);
  std::set<std::string> names;
  for (const auto& [name, label] : listing(*data.train)) names.insert(name);
  for (const auto& [name, label] : listing(*data.validation)) EXPECT_FALSE(names.contains(name)) << name;
}

TEST(Split, IsRefusedWhereThereIsValidationDataAlready) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"train/a/1.png", "train/a/2.png", "train/b/1.png", "val/a/1.png", "val/b/1.png"});
  DatasetOptions options;
  options.validation_split = 0.5;
  expect_error<UsageError>([&] { open_dataset(folder.path(), options); },
                           {"--val-split", "already", "leave it out"});
}

TEST(Split, NeedsImagesToHoldOut) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png"});
  DatasetOptions options;
  options.validation_split = 0.5;
  expect_error<DataError>([&] { open_dataset(folder.path(), options); }, {"one image per class"});
}

TEST(Remains, OfDataThatWasCleanedSince) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "a/2.png", "new/1.png"});
  std::filesystem::create_directory(folder / "b");
  DatasetOptions options;
  options.classes = {"a", "b", "c"};
  EXPECT_THROW(open_dataset(folder.path(), options), DataError);
  options.remains = true;
  const Dataset data = open_dataset(folder.path(), options);
  EXPECT_EQ(data.classes, options.classes);
  EXPECT_EQ(data.train->size(), 2U);
  EXPECT_EQ(data.train->label(1), 0);
  EXPECT_THAT(data.changes,
              ElementsAre(folder.path().string() +
                              " has images of classes that the model does not have (new): they are "
                              "left out",
                          "there are no images of b, c"));
}

}  // namespace
}  // namespace alexnet::test
