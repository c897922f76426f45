// Which folders are classes, which are parts, and which are neither.
#include <gmock/gmock.h>

#include <filesystem>

#include "data/sources/part_name.h"
#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// "train", "test" or "-", and what else the name says.
std::string described(const std::string& folder) {
  const auto part = part_name(folder);
  return part ? (part->training ? "train" : "test") + (part->rest.empty() ? "" : ": " + part->rest) : "-";
}

TEST(PartName, IsRecognisedByItsWords) {
  for (const char* name : {"train", "Train", "TRAINING", "training_set", "Train_Images", "trainset",
                           "TrainData", "images-train", "dataset train"})
    EXPECT_EQ(described(name), "train") << name;
  for (const char* name :
       {"val", "Valid", "validation", "test", "test_set", "TestImages", "testing", "evaluation"})
    EXPECT_EQ(described(name), "test") << name;
  EXPECT_EQ(described("seg_train"), "train: seg ");
  EXPECT_EQ(described("val2017"), "test: 2017 ");
  for (const char* name : {"cat", "trainer", "restrain", "testimony", "train_test", "", "valentine"})
    EXPECT_EQ(described(name), "-") << name;
}

Dataset open(const TemporaryFolder& folder) { return open_dataset(folder.path()); }

TEST(Levels, PartsMayBeNamedOtherwiseAndNested) {
  struct Names {
    std::string training, testing;
  };
  for (const auto& [training, testing] :
       {Names{"training_set", "test_set"}, Names{"training_set/training_set", "test_set/test_set"},
        Names{"Train_Images", "Test_Images"}, Names{"seg_train/seg_train", "seg_test/seg_test"},
        Names{"train2017", "val2017"}, Names{"train/images", "valid/images"},
        Names{"archive/pets/train", "archive/pets/val"}}) {
    SCOPED_TRACE(training);
    const TemporaryFolder folder;
    write_images(folder.path(), {training + "/cat/1.png", training + "/dog/1.png", testing + "/cat/9.png",
                                 testing + "/dog/9.png"});
    const Dataset data = open(folder);
    EXPECT_THAT(data.classes, ElementsAre("cat", "dog"));
    EXPECT_EQ(data.train->size(), 2U);
    ASSERT_NE(data.validation, nullptr);
    EXPECT_THAT(listing(*data.validation),
                ElementsAre(Pair(testing + "/cat/9.png", 0), Pair(testing + "/dog/9.png", 1)));
    EXPECT_EQ(listing(*open_evaluation(folder.path(), {"cat", "dog"})), listing(*data.validation));
  }
}

TEST(Levels, WhatLiesBesideFoldersAroundItAllIsCounted) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"p/p/cat/1.png", "p/p/dog/1.png", "p/x.png", "p/y.png"});
  write(folder / "p/notes.txt", "text");
  EXPECT_THAT(open_dataset(folder / "p").notes,
              ElementsAre(HasSubstr(": 1 file that is no image, 2 images beside the class folders")));
  write_images(folder.path(), {"q/train/cat/1.png", "q/train/dog/1.png", "q/val/val/cat/1.png",
                               "q/val/val/dog/1.png", "q/x.png"});
  write(folder / "q/val/notes.txt", "text");
  EXPECT_THAT(open_dataset(folder / "q").notes,
              ElementsAre(HasSubstr(": 1 file that is no image, 1 image beside the class folders")));
}

TEST(Levels, ATrainingPartMayBeAlone) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"training_set/cat/1.png", "training_set/dog/1.png", "other/x/1.png"});
  EXPECT_THAT(open(folder).classes, ElementsAre("cat", "dog"));
}

TEST(Levels, ClassesThatSoundLikePartsAreClasses) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"train_station/1.png", "test_tube/2.png", "trainer/x/3.png", "valentine/4.png"});
  EXPECT_THAT(open(folder).classes, ElementsAre("test_tube", "train_station", "trainer", "valentine"));
}

TEST(Levels, EveryClassMayHoldOneFolderOfTheSameName) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"train/a/images/1.png", "train/b/images/1.png", "c.png"});
  EXPECT_THAT(open(folder).classes, ElementsAre("a", "b"));
}

TEST(LevelErrors, ClassFoldersThatHoldFoldersOfTheSameNames) {
  const TemporaryFolder folder;
  write_images(folder / "x y", {"set1/cat/1.png", "set1/dog/1.png", "set2/cat/1.png", "set2/dog/1.png"});
  expect_error<DataError>([&] { open_dataset(folder / "x y"); },
                          {"x y", "'set1' and 'set2'", "('cat', 'dog')", "use: alexnet train '",
                           "x y/set1' --val '", "x y/set2'", ".csv list"});
  // A model that knows them tells.
  DatasetOptions options;
  options.classes = {"set1", "set2"};
  EXPECT_EQ(open_dataset(folder / "x y", options).train->size(), 4U);
  expect_error<DataError>(
      [&] {
        open_evaluation(folder / "x y", {"cat", "dog"});
      },
      {"name '", "x y/set1' instead"});
}

TEST(LevelErrors, AFolderThatHoldsTheParts) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"data/train/cat/1.png", "data/train/dog/1.png", "data/val/cat/1.png", "figures/1.png"});
  expect_error<DataError>([&] { open(folder); }, {"'data' holds the parts 'train' and 'val'",
                                                  "alexnet train " + (folder / "data").string()});
}

TEST(LevelErrors, AFolderThatHoldsTheClassesAndImages) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"photos/cat/1.png", "photos/dog/1.png", "photos/1.png"});
  expect_error<DataError>([&] { open(folder); }, {"single class folder, 'photos'", "('cat', 'dog')",
                                                  "use: alexnet train " + (folder / "photos").string()});
  EXPECT_EQ(open_dataset(folder / "photos").train->size(), 2U);
  EXPECT_EQ(open_evaluation(folder.path(), {"photos", "others"})->size(), 3U);
  // A part to test on may hold one class.
  write_images(folder / "x",
               {"train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "val/cat/a/1.png", "val/cat/b/1.png"});
  EXPECT_EQ(open_dataset(folder / "x").validation->size(), 3U);
}

TEST(LevelErrors, PartsWithoutClassFolders) {
  const TemporaryFolder folder;
  write_images(folder / "a", {"train/1.png", "test/1.png", "more/1.png"});
  expect_error<DataError>([&] { open_dataset(folder / "a"); },
                          {"'train' and 'test' are named like parts", "train/cat/1.jpg"});
  write_images(folder / "b", {"cat/1.png", "dog/1.png", "test/1.png"});
  expect_error<DataError>([&] { open_dataset(folder / "b"); }, {"'test' is named like a part", "--val"});
  write_images(folder / "c",
               {"x_train/cat/1.png", "x_train/dog/1.png", "x_test/cat/1.png", "x_test/dog/1.png",
                "y_train/cat/1.png", "y_train/dog/1.png", "y_test/cat/1.png", "y_test/dog/1.png"});
  expect_error<DataError>([&] { open_dataset(folder / "c"); }, {"alexnet train ", "c/x_train --val "});
}

TEST(LevelErrors, InAnArchive) {
  const TemporaryFolder folder;
  write(folder / "x.zip", zip({{"data/train/cat/1.png", "x"},
                               {"data/train/dog/1.png", "x"},
                               {"data/val/cat/1.png", "x"},
                               {"figures/1.png", "x"}}));
  expect_error<DataError>([&] { open_dataset(folder / "x.zip"); }, {"x.zip", "unpack", "folder data"});
}

TEST(Unlabelled, APartWithoutClassFoldersIsPassedOver) {
  for (const std::string test : {"test", "test/test"}) {
    const TemporaryFolder folder;
    write_images(folder.path(), {"train/cat/1.png", "train/dog/1.png", test + "/1.png", test + "/2.png"});
    const Dataset data = open(folder);
    EXPECT_EQ(data.train->size(), 2U);
    EXPECT_EQ(data.validation, nullptr);
    EXPECT_THAT(data.notes, ElementsAre(AllOf(HasSubstr("/test holds 2 images"), HasSubstr("passed over"))));
    std::vector<std::string> notes;
    EXPECT_EQ(open_evaluation(folder.path(), {"cat", "dog"}, &notes)->size(), 2U);
    EXPECT_EQ(notes, data.notes);
    DatasetOptions options;
    write_images(folder.path(), {"train/cat/2.png", "train/dog/2.png"});
    options.validation_split = 0.5;
    EXPECT_EQ(open_dataset(folder.path(), options).validation->size(), 2U);
  }
}

TEST(Unlabelled, AnotherPartIsTakenInstead) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"train/cat/1.png", "train/dog/1.png", "val/1.png", "test/cat/2.png", "test/dog/2.png"});
  EXPECT_EQ(open(folder).validation->size(), 2U);
}

TEST(ClassesThatValidationLacks, AreNoted) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"train/a/1.png", "train/b/1.png", "train/c/1.png", "val/a/1.png"});
  fs::create_directories(folder / "val/b");  // absent and empty are the same
  const Dataset data = open(folder);
  EXPECT_THAT(data.classes, ElementsAre("a", "b", "c"));
  EXPECT_THAT(listing(*data.validation), ElementsAre(Pair("val/a/1.png", 0)));
  EXPECT_THAT(data.notes,
              ElementsAre("there are no validation images of b, c: they have no validation accuracy"));
  fs::create_directories(folder / "val/unknown");  // nobody misses it
  EXPECT_EQ(open(folder).notes.size(), 1U);
}

TEST(Spelling, ComposedAndDecomposedNamesAreOneClass) {
  const TemporaryFolder folder;
  const std::string composed = "caf\xc3\xa9", decomposed = "cafe\xcc\x81";
  write_images(folder.path(), {"train/" + composed + "/1.png", "train/" + decomposed + "/2.png",
                               "train/tea/1.png", "val/" + decomposed + "/9.png", "val/tea/9.png"});
  const Dataset data = open(folder);
  EXPECT_THAT(data.classes, ElementsAre(composed, "tea"));
  EXPECT_THAT(listing(*data.train), testing::UnorderedElementsAre(Pair("train/" + composed + "/1.png", 0),
                                                                  Pair("train/" + decomposed + "/2.png", 0),
                                                                  Pair("train/tea/1.png", 1)));
  EXPECT_EQ(data.validation->size(), 2U);
  // Of a model that was trained on the other spelling.
  EXPECT_EQ(open_evaluation(folder.path(), {decomposed, "tea"})->label(0), 0);
}

TEST(Results, AreNoData) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"a/1.png", "b/1.png", "runs/1/curves.png", "runs/2/confusion.png", "a/run/curves.png",
                "study/differences.png", "study/runs/x/seed-0/curves.png"});
  for (const char* run : {"runs/1", "runs/2", "a/run"}) {
    write(folder / run / "config.json", "{}");
    write(folder / run / "environment.json", "{}");
  }
  for (const char* file : {"results.md", "results.csv", "results.json", "runs/x/seed-0/ablation.json"})
    write(folder / "study" / file, "");
  const Dataset data = open(folder);
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("a/1.png", 0), Pair("b/1.png", 1)));
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("3 folders of runs")));
}

TEST(Results, OfAStudyThatHasNotEnded) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png", "study/runs/x/seed-0/curves.png"});
  write(folder / "study/runs/x/seed-0/ablation.json", "");
  EXPECT_THAT(open(folder).classes, ElementsAre("a", "b"));
}

TEST(Results, AFolderWithAConfigurationIsAClass) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "b/1.png", "c/d/1.png"});
  write(folder / "c/config.json", "{}");
  EXPECT_THAT(open(folder).classes, ElementsAre("a", "b", "c"));
}

TEST(ResultsOutside, ArePlacesThatAreNotSeen) {
  const TemporaryFolder folder;
  write_images(folder / "photos", {"a/1.png", "b/1.png", "run/x.png"});
  write(folder / "photos/run/config.json", "{}");
  write(folder / "photos/run/metrics.jsonl", "");
  const auto check = [&](const std::string& place) {
    return
        [&folder, place] { require_outside(folder / "photos", "--out", folder / place, "alexnet train x"); };
  };
  for (const char* place : {"runs/1", "photos/.runs/1", "photos/run/report.html", "photos/__MACOSX/x"})
    EXPECT_NO_THROW(check(place)()) << place;
  for (const char* place : {"photos", "photos/runs/1", "photos/a/x"})
    expect_error<UsageError>(check(place),
                             {"--out", "lies in", "such as alexnet train x --out " + folder.path().string()});
  expect_error<UsageError>(check("photos/runs/1"), {"--out " + (folder / "runs/1").string()});
  write(folder / "photos/train-images-idx3-ubyte", "");  // nothing is looked through
  EXPECT_NO_THROW(check("photos/runs/1")());
}

}  // namespace
}  // namespace alexnet::test
