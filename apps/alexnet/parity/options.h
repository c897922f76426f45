// Flags that import and export share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace alexnet::cli {

/// --report and --images.
void add_report(CLI::App* command, std::string& report, std::string& images);

}  // namespace alexnet::cli
