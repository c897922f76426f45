// Kernels are compiled once for each instruction set; tests run all that this processor has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace alexnet {

/// Calls body() with one instruction set after the other in use, and with all of them in use again
/// afterwards. Returns how many there were.
template <class Body>
int each_instruction_set(const Body& body) {
  const struct BackToAll {
    ~BackToAll() { hwy::SetSupportedTargetsForTest(0); }
  } back_to_all;
  int sets = 0;
  for (auto rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    const auto set = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(set));
    hwy::SetSupportedTargetsForTest(set);
    body();
    ++sets;
  }
  return sets;
}

}  // namespace alexnet
