// Studies as files, and what is said of bad ones.
#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "alexnet/studies.h"
#include "base/file.h"
#include "studies/run_names.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kStudy = R"(
title = "ReLU against tanh"
measure = "epochs"
train-error = 0.3
seeds = [3, 1]

[settings]
preset = "cifar-relu-tanh"
lr = 0.02

[base]
name = "ReLU"

[[variant]]
name = "tanh"
asks = "what units compute"
settings = { activation = "tanh", lr = 0.01 }

[[variant]]
name = "sigmoid"
settings = { activation = "sigmoid" }
)";

class StudyFile : public testing::Test {
 protected:
  Study load(const std::string& text, const std::string& name = "study.toml") {
    write_file(folder_ / name, text);
    return load_study(folder_ / name);
  }
  /// What is said when a part of the study reads otherwise.
  std::string refusal(const std::string& part, const std::string& instead) {
    std::string text = kStudy;
    const std::size_t at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return error_text<DataError>([&] { load(text.replace(at, part.size(), instead)); });
  }
  TemporaryFolder folder_;
};

TEST_F(StudyFile, HasABaseAndVariantsThatDiffer) {
  const Study study = load(kStudy);
  EXPECT_EQ(study.title, "ReLU against tanh");
  EXPECT_EQ(study.measure, StudyMeasure::kEpochs);
  EXPECT_EQ(study.train_error, 0.3);
  EXPECT_THAT(study.seeds, ElementsAre(3, 1));
  ASSERT_EQ(study.variants.size(), 3U);
  EXPECT_EQ(study.variants[0].name, "ReLU");
  EXPECT_EQ(study.variants[0].config.activation, "preset");
  EXPECT_EQ(study.variants[0].config.lr, 0.02);
  EXPECT_EQ(study.variants[1].name, "tanh");
  EXPECT_EQ(study.variants[1].asks, "what units compute");
  EXPECT_EQ(study.variants[1].config.activation, "tanh");
  EXPECT_EQ(study.variants[1].config.lr, 0.01);
  EXPECT_EQ(study.variants[1].config.preset, "cifar-relu-tanh");
  EXPECT_EQ(study.variants[2].config.lr, 0.02);
}

TEST_F(StudyFile, MayBeJson) {
  const Study study = load(R"({"title": "t", "seeds": [0], "base": {"name": "a"},
                               "variant": [{"name": "b", "settings": {"epochs": 3}}]})",
                           "study.json");
  EXPECT_EQ(study.measure, StudyMeasure::kTop1);
  EXPECT_EQ(study.variants.at(1).config.epochs, 3);
}

TEST_F(StudyFile, GivesWayToTheCommandLine) {
  write_file(folder_ / "study.toml", kStudy);
  const Study study = load_study(folder_ / "study.toml", {{"lr", "0.5"}, {"data", "photos"}});
  for (const StudyVariant& variant : study.variants) {
    EXPECT_EQ(variant.config.lr, 0.5);
    EXPECT_EQ(variant.config.data, "photos");
  }
  EXPECT_THAT(error_text<UsageError>([&] {
                load_study(folder_ / "study.toml", {{"lr", "fast"}});
              }),
              AllOf(HasSubstr("--set"), HasSubstr("lr"), HasSubstr("fast")));
  EXPECT_THAT(error_text<UsageError>([&] {
                load_study(folder_ / "study.toml", {{"seed", "3"}});
              }),
              AllOf(HasSubstr("--set"), HasSubstr("'seed'"), HasSubstr("--seeds")));
}

TEST_F(StudyFile, SaysWhereAndWhatIsWrong) {
  const auto says = [](const std::string& a, const std::string& b) {
    return AllOf(HasSubstr("study.toml"), HasSubstr(a), HasSubstr(b));
  };
  EXPECT_THAT(refusal("title = \"ReLU against tanh\"", ""), says("'title'", "missing"));
  EXPECT_THAT(refusal("title = \"ReLU against tanh\"", "title = 3"), says("'title'", "quotes"));
  EXPECT_THAT(refusal("seeds = [3, 1]", ""), says("'seeds'", "missing"));
  EXPECT_THAT(refusal("[3, 1]", "[]"), says("'seeds'", "is not a list"));
  EXPECT_THAT(refusal("[3, 1]", "[3, -1]"), says("'seeds'", "something other than whole numbers"));
  EXPECT_THAT(refusal("[3, 1]", "[3, 3]"), says("'seeds'", "twice"));
  EXPECT_THAT(refusal("\"epochs\"", "\"speed\""), says("measure", "speed"));
  EXPECT_THAT(refusal("measure = \"epochs\"", ""), says("'train-error'", "epochs"));
  EXPECT_THAT(refusal("0.3", "1.5"), says("'train-error'", "between 0 and 1"));
  EXPECT_THAT(refusal("[settings]", "[options]"), says("'options'", "[settings]"));
  EXPECT_THAT(refusal("lr = 0.02", "learning-rate = 0.02"), says("learning-rate", "not a setting"));
  EXPECT_THAT(refusal("lr = 0.02", "seed = 1"), says("'seed'", "seeds = [...]"));
  EXPECT_THAT(refusal("[base]", "[bass]"), says("'bass'", "base"));
  EXPECT_THAT(refusal("lr = 0.01 }", "lr = -1 }"), says("[[variant]] 'tanh'", "lr"));
  EXPECT_THAT(refusal("activation = \"sigmoid\"", "activation = \"step\""),
              says("'sigmoid'", "relu|tanh|sigmoid"));
  EXPECT_THAT(refusal("asks", "question"), says("'tanh'", "'question'"));
  EXPECT_THAT(error_text<DataError>([&] { load("title = \"t\"\nseeds = [0]\n[base]\nname = \"a\"\n"); }),
              says("[[variant]]", "at least one"));
}

TEST(RunNames, AreNamesOfFolders) {
  EXPECT_EQ(folder_name("No pooling (2/2)"), "no-pooling-2-2");
  EXPECT_EQ(folder_name("../.."), "variant");
  EXPECT_EQ(folder_name("ReLU"), "relu");
}

}  // namespace
}  // namespace alexnet
