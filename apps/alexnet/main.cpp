// The program: registers the commands, runs the one asked for, and turns errors into one line and an exit
// code.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "command.h"
#include "console/help.h"
#include "console/lost_file.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

int complain(int code, const std::string& what) {
  const std::string line = "alexnet: " + printable(what) + "\n";
  std::fputs(line.c_str(), stderr);
  return code;
}

/// The one place where errors become exit codes.
int exit_code_of(const Run& run) {
  try {
    const int code = run();
    finish_output();
    return code;
  } catch (const UsageError& error) {
    return complain(kBadUsage, error.what());
  } catch (const DataError& error) {
    return complain(kBadData, error.what());
  } catch (const DeviceError& error) {
    return complain(kBadDevice, error.what());
  } catch (const Error& error) {  // a training that diverged
    return complain(kFault, error.what());
  } catch (const std::bad_alloc&) {
    return complain(kBadDevice, "not enough memory; use a smaller --batch or a smaller network");
  } catch (const std::filesystem::filesystem_error& error) {  // a folder that may not be looked into
    return complain(kBadData, DataError(error.path1().string(), error.code().message(),
                                        "check the path and its permissions")
                                  .what());
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::resource_unavailable_try_again)
      return complain(kFault, fmt::format("unexpected error: {}", error.what()));
    return complain(kBadDevice,
                    DeviceError("threads", "no more can be started (" + error.code().message() + ")",
                                "choose fewer, or raise the limit of processes (ulimit -u)")
                        .what());
  } catch (const std::exception& error) {
    return complain(kFault, fmt::format("unexpected error: {}", error.what()));
  }
}

/// The command that was being parsed, and the words before it: "alexnet data", "get".
std::pair<std::string, const CLI::App*> parsed_command(const CLI::App& program) {
  std::string before;
  const CLI::App* command = &program;
  for (auto chosen = command->get_subcommands(); !chosen.empty(); chosen = command->get_subcommands()) {
    before += (before.empty() ? "" : " ") + command->get_name();
    command = chosen.front();
  }
  return {before, command};
}

/// For "see 'alexnet eval --help'".
std::string command_line_so_far(const CLI::App& program) {
  const auto [before, command] = parsed_command(program);
  return before.empty() ? command->get_name() : before + " " + command->get_name();
}

int run_program(int argc, char** argv) {
  CLI::App program("AlexNet: train it on images, test it, use it.", "alexnet");
  program.formatter(std::make_shared<HelpFormatter>());
  program.set_version_flag("--version", "alexnet " ALEXNET_VERSION, "print the version");
  program.set_help_flag("-h,--help", "print this help");
  program.require_subcommand(0, 1);

  Run run = [&] {
    output(program.help());
    return kDone;
  };
  for (const auto add : {add_demo, add_train, add_classify, add_embed, add_eval, add_explain, add_filters,
                         add_forward, add_import, add_export, add_info, add_report, add_ablate, add_similar,
                         add_summary, add_presets, add_zoo, add_data, add_bench})
    add(program, run);
  for (CLI::App* command : program.get_subcommands({})) command->group("Commands");
  program.footer("'alexnet COMMAND --help' explains a command.");

  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    run = [&] {
      const auto [before, command] = parsed_command(program);
      output(before.empty() ? program.help() : command->help(before));
      return kDone;
    };
  } catch (const CLI::CallForVersion& version) {
    run = [text = std::string(version.what())] {
      output(text + "\n");
      return kDone;
    };
  } catch (const CLI::ParseError& error) {
    return complain(kBadUsage,
                    fmt::format("{}; see '{} --help'", error.what(), command_line_so_far(program)));
  }
  return run();
}

}  // namespace
}  // namespace alexnet::cli

int main(int argc, char** argv) try {
  // A reader that has seen enough ("| head") ends the program without a word.
  std::signal(SIGPIPE, SIG_DFL);
  // A file that becomes larger than the shell allows (ulimit -f) is a write that fails.
  std::signal(SIGXFSZ, SIG_IGN);
  alexnet::cli::report_lost_files();
  return alexnet::cli::exit_code_of([&] { return alexnet::cli::run_program(argc, argv); });
} catch (...) {  // not even the message about an error could be made
  return alexnet::cli::kFault;
}
