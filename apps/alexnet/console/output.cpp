#include "console/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <system_error>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

[[noreturn]] void fail() {
  throw DataError("standard output", "cannot be written (" + std::generic_category().message(errno) + ")");
}

}  // namespace

void output(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail();
}

void output_json(const nlohmann::ordered_json& json) {
  output(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  finish_output();
}

void finish_output() {
  if (std::fflush(stdout) != 0) fail();
}

nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

std::string scaled(double value) {
  static constexpr std::array kUnits = {"", " k", " M", " G", " T", " P"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, digits, kUnits[unit]);
}

std::string bytes_text(double bytes) {
  const std::string text = scaled(bytes);
  return text + (text.find(' ') == std::string::npos ? " B" : "B");
}

std::string decimal(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
}

void output_problem(bool json, const std::string& file, const std::string& problem) {
  finish_output();
  if (json)
    output_json(nlohmann::ordered_json{{"file", file}, {"error", problem}});
  else
    log(LogLevel::kError, fmt::format("{}: {}", printable(file), printable(problem)));
}

void warn_skipped(const std::string& file, const std::string& reason) {
  log_warning(fmt::format("{} skipped: {}", printable(file), printable(reason)));
}

void make_output_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw DataError(folder.string(), "the folder cannot be made (" + error.message() + ")", "name another");
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0)
    throw DataError(folder.string(),
                    "cannot be written into (" + std::generic_category().message(errno) + ")",
                    "check its permissions, or name another");
}

std::string shell_text(const std::filesystem::path& path) { return alexnet::shell_text(path.string()); }

}  // namespace alexnet::cli
