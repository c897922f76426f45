// How GoogleTest names a case.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <tuple>

#include "tests/engine/op_cases.h"

namespace alexnet::cases {

/// Without it a failure shows the case byte by byte.
inline void PrintTo(const OpCase& op_case, std::ostream* out) { *out << op_case.name; }

inline std::string case_name(const testing::TestParamInfo<OpCase>& parameter) { return parameter.param.name; }

inline std::string case_and_engine(const testing::TestParamInfo<std::tuple<OpCase, std::string>>& parameter) {
  const auto& [op_case, engine] = parameter.param;
  return op_case.name + "_" + engine;
}

}  // namespace alexnet::cases
