#include "report/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace alexnet {
namespace {

/// What a model of two classes made of ten validation images: three boots were taken for sandals.
Findings boots_for_sandals() {
  Findings findings;
  findings.model.classes = {"boot", "sandal"};
  findings.epochs = {{}};
  Tested tested;
  tested.evaluation.images = 10;
  tested.evaluation.top1 = 0.7;
  tested.evaluation.confusion = {2, {2, 3, 0, 5}};
  for (int i = 0; i < 10; ++i)
    tested.evaluation.judgements.push_back(
        {.index = i, .truth = i < 5 ? 0 : 1, .predicted = i < 2 ? 0 : 1, .confidence = 0.7F});
  findings.validation = tested;
  return findings;
}

TEST(Verdict, NamesThePredictionAndTheTruthOfTheMostFrequentMistake) {
  std::string all;
  for (const Remark& remark : verdict(boots_for_sandals())) all += remark.text + "\n";
  for (const char* mark : {"\u2068", "\u2069"})  // which keep names apart from the sentence
    for (std::size_t at = all.find(mark); at != std::string::npos; at = all.find(mark))
      all.erase(at, std::string(mark).size());
  EXPECT_THAT(all, testing::HasSubstr("boot is the hardest class: 40.0 % of its images are found. The most "
                                      "frequent mistake is to predict sandal for boot (3 of 5 images)."));
}

// A mark in a name that turns the direction of what follows must end with the name.
TEST(Verdict, ShutsNamesInThatRunFromRightToLeft) {
  Findings findings = boots_for_sandals();
  findings.model.classes[0] = "bo\u202eot";
  std::string all;
  for (const Remark& remark : verdict(findings)) all += remark.text + "\n";
  EXPECT_THAT(all, testing::HasSubstr("\u2068bo\u202eot\u2069 is the hardest class"));
  EXPECT_THAT(all, testing::HasSubstr("for \u2068bo\u202eot\u2069 (3 of 5 images)"));
}

}  // namespace
}  // namespace alexnet
