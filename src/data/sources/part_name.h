// Names of folders that are parts of a data set, not classes: train, Test_Images, seg_train.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alexnet {

struct PartName {
  bool training = false;  // else of images to test on
  int rank = 0;           // the lower, the rather taken: val before test
  bool usual = false;     // spelled as usual, and nothing else: "train", not "Train" or "training_set"
  bool alone = false;     // one word: "train", "Train"
  /// The words that do not say which part it is, nor that it holds images: "seg" of "seg_train_images".
  std::string rest;
};

/// Nothing where the name has no such word, or has two of them.
std::optional<PartName> part_name(std::string_view folder);

/// Whether a name says no more than that there are images: "images", "dataset".
bool is_generic_name(std::string_view folder);

}  // namespace alexnet
