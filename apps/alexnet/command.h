// The commands of the program: one file each, one line here and one in main.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace alexnet::cli {

/// What the command line asked for; runs after parsing and returns the exit code.
using Run = std::function<int()>;

void add_ablate(CLI::App& program, Run& run);
void add_demo(CLI::App& program, Run& run);
void add_train(CLI::App& program, Run& run);
void add_embed(CLI::App& program, Run& run);
void add_eval(CLI::App& program, Run& run);
void add_classify(CLI::App& program, Run& run);
void add_explain(CLI::App& program, Run& run);
void add_export(CLI::App& program, Run& run);
void add_filters(CLI::App& program, Run& run);
void add_report(CLI::App& program, Run& run);
void add_forward(CLI::App& program, Run& run);
void add_import(CLI::App& program, Run& run);
void add_info(CLI::App& program, Run& run);
void add_similar(CLI::App& program, Run& run);
void add_bench(CLI::App& program, Run& run);
void add_summary(CLI::App& program, Run& run);
void add_presets(CLI::App& program, Run& run);
void add_zoo(CLI::App& program, Run& run);
void add_data(CLI::App& program, Run& run);

// Exit codes.
inline constexpr int kDone = 0;
inline constexpr int kFault = 1;  // something in the program
inline constexpr int kBadUsage = 2;
inline constexpr int kBadData = 3;
inline constexpr int kBadDevice = 4;
inline constexpr int kInterrupted = 130;

}  // namespace alexnet::cli
