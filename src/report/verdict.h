// What the metrics of a run mean, in words.
#pragma once

#include <string>
#include <vector>

#include "report/findings.h"

namespace alexnet {

struct Remark {
  enum class Tone { kPlain, kGood, kDoubtful };
  Tone tone = Tone::kPlain;
  std::string text;
};

/// The first says how good the model is; the others what stands out: how it learned, where it fails, how far
/// its confidence, its labels and its validation images can be trusted.
std::vector<Remark> verdict(const Findings& findings);

/// Which of several runs is the best on its validation images, and by more than chance or not.
std::string comparison(const std::vector<Findings>& runs);

}  // namespace alexnet
