#include "data/sources/part_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace alexnet {
namespace {

using namespace std::string_view_literals;

// In the order in which one is taken.
constexpr std::array kTraining = {"train"sv, "training"sv};
constexpr std::array kTesting = {"val"sv,   "valid"sv,   "validation"sv, "test"sv,
                                 "tests"sv, "testing"sv, "eval"sv,       "evaluation"sv};
constexpr std::array kGeneric = {"set"sv,     "sets"sv,     "data"sv,   "dataset"sv, "image"sv,
                                 "images"sv,  "img"sv,      "imgs"sv,   "photo"sv,   "photos"sv,
                                 "picture"sv, "pictures"sv, "folder"sv, "split"sv};

enum class Kind { kOther, kLower, kUpper, kDigit };

Kind kind_of(unsigned char c) {
  if (c >= 0x80 || std::islower(c)) return Kind::kLower;
  if (std::isupper(c)) return Kind::kUpper;
  return std::isdigit(c) ? Kind::kDigit : Kind::kOther;
}

/// "seg_TrainImages2" -> seg, train, images, 2.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  Kind before = Kind::kOther;
  for (const char c : name) {
    const Kind kind = kind_of(static_cast<unsigned char>(c));
    const bool starts = kind != before && !(before == Kind::kUpper && kind == Kind::kLower);
    if (kind != Kind::kOther) {
      if (starts) words.emplace_back();
      words.back() += static_cast<char>(kind == Kind::kUpper ? c - 'A' + 'a' : c);
    }
    before = kind;
  }
  return words;
}

template <class Names>
int index_of(const Names& names, std::string_view word) {
  const auto found = std::ranges::find(names, word);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

bool is_generic(std::string_view word) { return index_of(kGeneric, word) >= 0; }

/// "train", and "trainset", "testdata".
std::optional<PartName> part_word(std::string_view word) {
  const auto match = [&](const auto& names, bool training) -> std::optional<PartName> {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (word.starts_with(names[i]))
        if (const std::string_view behind = word.substr(names[i].size());
            behind.empty() || is_generic(behind))
          return PartName{
              .training = training, .rank = static_cast<int>(i), .alone = behind.empty(), .rest = {}};
    return std::nullopt;
  };
  if (auto training = match(kTraining, true)) return training;
  return match(kTesting, false);
}

}  // namespace

std::optional<PartName> part_name(std::string_view folder) {
  std::optional<PartName> part;
  std::string rest;
  const std::vector<std::string> words = words_of(folder);
  for (const std::string& word : words) {
    if (auto found = part_word(word)) {
      if (part) return std::nullopt;
      part = std::move(found);
    } else if (!is_generic(word)) {
      rest += word + ' ';
    }
  }
  if (!part) return std::nullopt;
  part->rest = rest;
  part->alone = part->alone && words.size() == 1;
  part->usual = part->alone && words[0] == folder;
  return part;
}

bool is_generic_name(std::string_view folder) {
  const std::vector<std::string> words = words_of(folder);
  return !words.empty() && std::ranges::all_of(words, is_generic);
}

}  // namespace alexnet
