// The table of op cases: tiny networks, single layers and the sequences that a fast backend fuses, with all
// that a backend computes for them. One list serves for comparing backends, for finite differences and for
// measuring speed; it knows nothing of a test framework.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace alexnet::cases {

/// What a case is mostly about; backends are held to a tolerance for each.
enum class Kind {
  kConvolution,
  kActivation,
  kBatchNorm,
  kLrn,
  kPool,
  kDropout,
  kDense,
  kSoftmax,
  kSequence,
  kNetwork
};

/// kNormal: uniform in [-2, 2). kSpaced: no two values, and none and zero, nearer than 1/16, so that a step
/// of a finite difference meets no kink. kTied: few different values, so that maxima are not unique.
enum class Input { kNormal, kSpaced, kTied };

struct OpCase {
  std::string name;  // letters, digits and underscores
  Kind kind = Kind::kConvolution;
  NetworkSpec spec;
  int batch = 1;
  Input input = Input::kNormal;
  /// Small, and differentiable wherever a small step leads: fit for finite differences.
  bool differentiable = false;
};

/// A function of nothing: always the same list.
const std::vector<OpCase>& op_cases();

/// Weights, input and gradient of the logits of a case: pseudo-random, a function of the case alone.
NamedTensors case_weights(const OpCase& op_case);
std::vector<float> case_input(const OpCase& op_case);
std::vector<float> case_logits_gradient(const OpCase& op_case);

/// kEveryLayer asks for every layer's output; kEnds for none, which leaves a backend free to fuse.
enum class Watch { kEveryLayer, kEnds };

/// Everything computed for a case, canonical, by name: "<pass>/<layer>" with pass inference (of an inference
/// plan), fixed (an inference pass of a training plan), training or statistics, "<pass>/logits",
/// "<pass>/output", "gradient/<tensor>" and "gradient/input" of the training pass, "fixed_gradient/..." of
/// the fixed one, "moved/<tensor>" (moving statistics after one training pass) and "measured/<tensor>" (after
/// two statistics passes over different inputs).
using Results = std::map<std::string, std::vector<float>>;
Results run(const OpCase& op_case, const Engine& engine, Watch watch,
            Convolution convolution = Convolution::kAuto, Precision precision = Precision::kFloat32);

}  // namespace alexnet::cases
