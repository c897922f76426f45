// Setting values as text and back, and the small factories that the table of settings is made with.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "fmt/format.h"

namespace alexnet::setting_text {

/// Numbers that a setting accepts: min <= x <= max, or x < max where `below`.
struct Range {
  double min = 0;
  double max = std::numeric_limits<double>::infinity();
  bool below = false;
};

/// A name as a template argument.
template <std::size_t n>
struct Name {
  char text[n];
  constexpr Name(const char (&t)[n]) {  // NOLINT(google-explicit-constructor): so that a literal will do
    for (std::size_t i = 0; i < n; ++i) text[i] = t[i];
  }
  constexpr std::string_view view() const { return {text, n - 1}; }
};

[[noreturn]] inline void refuse(std::string_view name, std::string_view text, const std::string& expected) {
  throw UsageError(fmt::format("--{}", name), fmt::format("'{}' is not valid: expected {}", text, expected));
}

inline std::string describe(const Range& range, bool whole) {
  std::string text = whole ? "a whole number" : "a number";
  text += fmt::format(", at least {}", range.min);
  if (range.max < std::numeric_limits<double>::infinity())
    text += fmt::format(" and {} {}", range.below ? "less than" : "at most", range.max);
  return text;
}

template <class Number>
Number parse(std::string_view name, std::string_view text, const Range& range) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto x = static_cast<double>(value);
  const bool inside = x >= range.min && (range.below ? x < range.max : x <= range.max) &&
                      x <= std::numeric_limits<double>::max();
  if (error != std::errc{} || end != text.data() + text.size() || !inside)
    refuse(name, text, describe(range, std::is_integral_v<Number>));
  return value;
}

template <Name name, auto field, Range range>
constexpr Setting number(std::string_view help, std::string_view group) {
  using Value = std::remove_reference_t<decltype(std::declval<TrainConfig>().*field)>;
  return {name.view(),
          help,
          std::is_integral_v<Value> ? "N" : "X",
          group,
          [](TrainConfig& config, const std::string& text) {
            config.*field = parse<Value>(name.view(), text, range);
          },
          [](const TrainConfig& config) { return fmt::format("{}", config.*field); }};
}

/// Comma-separated numbers; empty text for none.
inline std::vector<float> parse_list(std::string_view name, std::string_view text, const Range& range) {
  std::vector<float> values;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    values.push_back(parse<float>(name, text.substr(at, comma - at), range));
    at = comma + 1;
  }
  return values;
}

template <Name name, auto field, Range range>
constexpr Setting numbers(std::string_view help, std::string_view group) {
  return {name.view(),
          help,
          "X[,X...]",
          group,
          [](TrainConfig& config, const std::string& text) {
            config.*field = parse_list(name.view(), text, range);
          },
          [](const TrainConfig& config) { return fmt::format("{}", fmt::join(config.*field, ",")); }};
}

template <Name name, auto field>
constexpr Setting text(std::string_view help, std::string_view value, std::string_view group) {
  return {name.view(),
          help,
          value,
          group,
          [](TrainConfig& config, const std::string& given) { config.*field = given; },
          [](const TrainConfig& config) { return config.*field; }};
}

/// What was given, when it is one of `choices`, which are written "a|b|c".
inline const std::string& chosen(std::string_view name, std::string_view choices, const std::string& given) {
  const std::string all = fmt::format("|{}|", choices);
  if (given.empty() || given.find('|') != std::string::npos ||
      all.find("|" + given + "|") == std::string::npos)
    refuse(name, given, std::string(choices));
  return given;
}

template <Name name, auto field, Name choices>
constexpr Setting choice(std::string_view help, std::string_view group) {
  return {name.view(),
          help,
          choices.view(),
          group,
          [](TrainConfig& config, const std::string& given) {
            config.*field = chosen(name.view(), choices.view(), given);
          },
          [](const TrainConfig& config) { return config.*field; }};
}

/// One of `names`, which only the running program knows.
template <Name name, auto field, std::vector<std::string> (*names)()>
Setting one_of(std::string_view help, std::string_view group) {
  static const std::string choices = fmt::format("{}", fmt::join(names(), "|"));
  return {name.view(),
          help,
          choices,
          group,
          [](TrainConfig& config, const std::string& given) {
            config.*field = chosen(name.view(), choices, given);
          },
          [](const TrainConfig& config) { return config.*field; }};
}

/// on|off. With an empty `value` it is a flag that needs no value: then "" is on.
template <Name name, auto field>
constexpr Setting toggle(std::string_view help, std::string_view value, std::string_view group) {
  return {name.view(),
          help,
          value,
          group,
          [](TrainConfig& config, const std::string& given) {
            const bool on = given.empty() || given == "on" || given == "true";
            if (!on && given != "off" && given != "false") refuse(name.view(), given, "on or off");
            config.*field = on;
          },
          [](const TrainConfig& config) -> std::string { return config.*field ? "on" : "off"; }};
}

/// The same setting; a run that is resumed may have another value.
constexpr Setting resumable(Setting setting) {
  setting.resumable = true;
  return setting;
}

}  // namespace alexnet::setting_text
