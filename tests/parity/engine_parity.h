// What parity with other programs may ask of each engine.
#pragma once

#include <string>
#include <vector>

#include "tests/every_engine.h"

namespace alexnet {

/// Engines that are not named in engine_parity() are held to the defaults.
struct EngineParity {
  /// Where two inputs of a pooling, or one of a ReLU and zero, are closer than rounding, a gradient goes to
  /// another pixel. False for engines that add in double precision, which meet no such place.
  bool meets_kinks = true;
  /// Has other convolutions than direct ones, so that Convolution::kDirect is a case of its own.
  bool chooses_convolutions = true;
  /// Takes minutes for large cases, which are left out.
  bool plain_loops = false;
};

inline EngineParity engine_parity(const std::string& engine) {
  if (engine == kReference) return {.meets_kinks = false, .chooses_convolutions = false, .plain_loops = true};
  return {};
}

/// For each engine that can run here, the cases that `wanted(engine's parity, case)` says yes to; `make`
/// joins the two.
template <class Case, class Wanted, class Make>
auto for_every_engine(const std::vector<Case>& cases, const Wanted& wanted, const Make& make) {
  std::vector<decltype(make(std::string(), cases.front()))> all;
  for (const std::string& engine : available_engines())
    for (const Case& one : cases)
      if (wanted(engine_parity(engine), one)) all.push_back(make(engine, one));
  return all;
}

}  // namespace alexnet
