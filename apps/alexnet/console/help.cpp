#include "console/help.h"

#include <sstream>
#include <utility>

#include "text/text.h"

namespace alexnet::cli {
namespace {

constexpr int kColumns = 79;
constexpr int kNameColumn = 28;

/// Breaks at spaces; every line but the first is indented. Line breaks in the text stay.
std::string wrapped(const std::string& text, int indent) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    int column = indent;
    if (!result.empty()) result += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
    // A line that starts with spaces is laid out already.
    if (line.starts_with(' ')) {
      result += line;
      continue;
    }
    for (std::string word; words >> word;) {
      const int width = text_width(word);
      if (column > indent && column + 1 + width > kColumns) {
        result += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
        column = indent;
      } else if (column > indent) {
        result += ' ';
        ++column;
      }
      result += word;
      column += width;
    }
  }
  return result;
}

/// A positional whose type names more than itself ("MODEL... DATA") is several arguments in one list.
std::string usage_of(const CLI::Option* option, const std::string& otherwise) {
  const std::string& type = option->get_type_name();
  return type.starts_with(option->get_name(true, false)) ? type : otherwise;
}

std::string entry(const std::string& name, const std::string& description) {
  std::string text = "  " + name;
  const auto column = static_cast<std::size_t>(kNameColumn);
  if (text.size() + 2 > column) text += "\n";
  text += std::string(text.back() == '\n' ? column : column - text.size(), ' ');
  return text + wrapped(description, kNameColumn) + "\n";
}

}  // namespace

HelpFormatter::HelpFormatter() { label("Positionals", "Arguments"); }

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
  for (std::size_t gap; (gap = text.find("\n\n\n")) != std::string::npos;) text.erase(gap, 1);
  text.erase(text.find_last_not_of('\n') + 1);
  return text + "\n";
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  if (app->get_parent() == nullptr) return "\nUsage: alexnet COMMAND ...\n";
  std::string usage = "\nUsage: " + name;
  for (const CLI::Option* option : app->get_options())
    if (option->get_positional()) usage += " " + usage_of(option, make_option_usage(option));
  return usage + " [flags]\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name =
      is_positional ? usage_of(option, option->get_name(true, false)) : option->get_name(false, true);
  if (const std::size_t comma = name.find(','); comma != std::string::npos) name.replace(comma, 1, ", ");
  if (!is_positional && option->get_type_size() != 0) name += " " + option->get_type_name();
  std::string description = option->get_description();
  if (!option->get_default_str().empty()) description += " (" + option->get_default_str() + ")";
  return entry(name, description);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  // The first sentence of what the command does.
  const std::string description = command->get_description();
  return entry(command->get_name(), description.substr(0, description.find('\n')));
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), 0) + "\n";
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  return app->get_footer().empty() ? "" : wrapped(app->get_footer(), 0) + "\n";
}

}  // namespace alexnet::cli
