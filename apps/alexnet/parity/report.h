// What an import or an export did, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "alexnet/model.h"
#include "parity/comparison.h"

namespace alexnet::cli {

/// All of an import or an export that people should know.
struct ParityReport {
  std::string file, out;  // read and written
  StoredWeights stored;   // of the file of the other program, with assumptions of flags
  Comparison comparison;
  std::string command;  // repeats it
};

/// "equal to PyTorch 2.9.0", or why that is not known.
std::string verdict(const Comparison& comparison);

void print_report(const ParityReport& report);
void print_comparison(const Comparison& comparison);
nlohmann::ordered_json report_json(const ParityReport& report);
/// Writes the report: as a page where the name ends in .html, as JSON otherwise. DataError when it cannot be
/// written.
void write_report(const ParityReport& report, const std::string& file);

}  // namespace alexnet::cli
