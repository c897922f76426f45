#include "alexnet/error.h"

namespace alexnet {
namespace {

// Names of files can hold anything; a line must stay a line, and a terminal must not be driven by a file
// name.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

std::string join(const std::string& where, const std::string& problem, const std::string& fix) {
  std::string line = where.empty() ? problem : where + ": " + problem;
  if (!fix.empty()) line += "; " + fix;
  return one_line(std::move(line));
}

}  // namespace

Error::Error(std::string where, std::string problem, std::string fix)
    : std::runtime_error(join(where, problem, fix)),
      where_(std::move(where)),
      problem_(std::move(problem)),
      fix_(std::move(fix)) {}

}  // namespace alexnet
