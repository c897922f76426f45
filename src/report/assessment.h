// What can be said about a model from its judgements on labelled images.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "alexnet/evaluate.h"

namespace alexnet {

std::int64_t hits(std::span<const Judgement> judgements);

/// Where a fraction lies that was seen in `hits` of `count` draws: Wilson's score interval (Wilson 1927), 95
/// %. (0, 1) for no draws.
struct Interval {
  double low = 0, high = 1;
};
Interval wilson_interval(std::int64_t hits, std::int64_t count);

/// How far confidence can be taken at its word (Guo et al. 2017): judgements in bins of equal width by their
/// confidence.
struct CalibrationBin {
  std::int64_t images = 0;
  double confidence = 0, accuracy = 0;  // means; 0 in an empty bin
};
struct Calibration {
  std::vector<CalibrationBin> bins;
  double error = 0;       // expected calibration error: mean distance of the two, weighted by images
  double confidence = 0;  // mean over all
};
Calibration calibration(std::span<const Judgement> judgements, int bins = 15);

/// Judgements that speak against the label, the strongest first: another class is predicted with at least the
/// confidence that images labelled with that class get on average (confident learning, Northcutt et al.
/// 2021, with the class predicted alone).
std::vector<Judgement> suspicious_labels(std::span<const Judgement> judgements, int classes);

/// Of two models on the same images in the same order: by how many standard deviations the first is right
/// more often, counting the images that one alone has right (McNemar 1947). Beyond 1.96 chance explains it
/// one time in twenty. 0 when they differ nowhere.
double better_by(std::span<const Judgement> first, std::span<const Judgement> second);

}  // namespace alexnet
