// What an import did, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "alexnet/model.h"
#include "parity/comparison.h"

namespace alexnet::cli {

/// All of an import that people should know.
struct ImportReport {
  std::string file, out;  // read and written
  StoredWeights stored;   // with assumptions of flags
  Comparison comparison;
  std::string command;  // repeats it
};

/// "equal to PyTorch 2.9.0", or why that is not known.
std::string verdict(const Comparison& comparison);

void print_report(const ImportReport& report);
nlohmann::ordered_json report_json(const ImportReport& report);

}  // namespace alexnet::cli
