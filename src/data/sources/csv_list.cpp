#include "data/sources/csv_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "data/files/file_rules.h"
#include "data/sources/class_name.h"
#include "data/sources/tree_images.h"
#include "text/decoding.h"
#include "text/text.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

using Row = std::vector<std::string>;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Rows of a CSV file (RFC 4180), one after the other. Lines may end as on any system; empty ones are passed
/// over.
class CsvRows {
 public:
  CsvRows(std::string_view text, const std::string& where) : rest_(text), where_(where) {
    const std::string_view first = rest_.substr(0, rest_.find_first_of("\r\n"));
    for (const char separator : {',', ';', '\t'})
      if (first.find(separator) != std::string_view::npos) {
        separator_ = separator;
        break;
      }
  }

  /// False behind the last one.
  bool next(Row& row) {
    for (row.clear(); !rest_.empty(); ++line_) {
      first_line_ = line_ + 1;
      read_row(row);
      if (row.size() > 1 || !row[0].empty()) {
        ++line_;
        return true;
      }
      row.clear();
    }
    return false;
  }
  /// In which the row begins; 1 is the first.
  std::size_t line() const { return first_line_; }

 private:
  void read_row(Row& row) {
    bool more = true;
    while (more) {
      while (rest_.starts_with(' ')) rest_.remove_prefix(1);
      row.push_back(rest_.starts_with('"') ? quoted() : plain());
      more = rest_.starts_with(separator_);
      if (more) rest_.remove_prefix(1);
    }
    if (rest_.starts_with('\r')) rest_.remove_prefix(1);
    if (rest_.starts_with('\n')) rest_.remove_prefix(1);
  }

  std::string plain() {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != separator_ && rest_[end] != '\n' && rest_[end] != '\r') ++end;
    const std::string_view cell = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return std::string(cell);
  }

  std::string quoted() {
    std::string cell;
    rest_.remove_prefix(1);
    while (true) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos)
        throw DataError(where_, fmt::format("line {} has a quote that does not end", first_line_),
                        "put a \" behind the cell");
      cell += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) break;
      cell += '"';
      rest_.remove_prefix(1);
    }
    line_ += static_cast<std::size_t>(std::ranges::count(cell, '\n'));
    plain();  // blanks, up to the separator
    return cell;
  }

  std::string_view rest_;
  const std::string& where_;
  char separator_ = ',';
  std::size_t line_ = 0, first_line_ = 0;
};

/// Files beside a list.
class ListedFiles {
 public:
  explicit ListedFiles(const std::string& list)
      : folder_(fs::path(list).parent_path()), tree_(open_folder(folder_.empty() ? "." : folder_)) {}

  bool exists(const std::string& file) const {
    std::error_code error;
    return !file.empty() && fs::exists(folder_ / file, error) && !fs::is_directory(folder_ / file, error);
  }
  const std::shared_ptr<const FileTree>& tree() const { return tree_; }

 private:
  fs::path folder_;
  std::shared_ptr<const FileTree> tree_;
};

struct Columns {
  std::size_t file = 0, label = 1;
};

std::size_t column_of(const Row& heading, std::span<const std::string_view> names, std::size_t otherwise) {
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < heading.size(); ++i)
      if (ascii_lower(heading[i]) == name) return i;
  return otherwise;
}

Columns columns_of(const Row& heading) {
  static constexpr std::array kFile = {"file"sv,       "filename"sv,   "file_name"sv, "filepath"sv,
                                       "file_path"sv,  "filepaths"sv,  "path"sv,      "image"sv,
                                       "image_path"sv, "image_name"sv, "img"sv,       "image_id"sv};
  static constexpr std::array kLabel = {"label"sv,    "labels"sv, "class"sv,   "class_name"sv,
                                        "category"sv, "target"sv, "species"sv, "breed"sv};
  Columns columns;
  columns.file = column_of(heading, kFile, 0);
  columns.label = column_of(heading, kLabel, columns.file == 0 ? 1 : 0);
  return columns;
}

struct Labelled {
  std::string file, label;
};

std::vector<Labelled> read_list(const Bytes& list, const ListedFiles& files) {
  const std::string text = to_utf8(
      {reinterpret_cast<const char*>(list.data.data()), list.data.size()});  // Excel writes UTF-16 too
  CsvRows rows(text, list.name);
  Columns columns;
  std::vector<Labelled> all;
  Row row;
  for (bool first = true; rows.next(row); first = false) {
    if (row.size() < 2 || row.size() <= std::max(columns.file, columns.label))
      throw DataError(list.name,
                      fmt::format("line {} has {} of the cells file and label", rows.line(),
                                  row.size() < 2 ? "one" : "not all"),
                      "write a file and its class in each line, as in cats/1.jpg,cat");
    if (first && !is_named_like_image(row[0]) && !files.exists(row[0])) {
      columns = columns_of(row);
      continue;
    }
    if (row[columns.file].empty() || row[columns.label].empty())
      throw DataError(
          list.name,
          fmt::format("line {} names no {}", rows.line(), row[columns.file].empty() ? "file" : "class"),
          "write a file and its class in each line, as in cats/1.jpg,cat");
    all.push_back({std::move(row[columns.file]), composed(row[columns.label])});
  }
  return all;
}

void check_files(const std::vector<Labelled>& all, const ListedFiles& files, const std::string& where) {
  if (all.empty()) throw DataError(where, "lists no images", "write a file and its class in each line");
  if (std::ranges::none_of(all, [&](const Labelled& one) { return files.exists(one.file); }))
    throw DataError(
        where, fmt::format("lists {} images, none of which is there ('{}' first)", all.size(), all[0].file),
        "name files by paths that are relative to the list");
}

}  // namespace

bool is_csv_list(const Bytes& file) {
  return ascii_lower(fs::path(file.name).extension().string()) == ".csv";
}

Parts list_csv(const Bytes& file) {
  const ListedFiles files(file.name);
  const std::vector<Labelled> all = read_list(file, files);
  check_files(all, files, file.name);
  Part part;
  part.where = file.name;
  std::map<std::string, int> labels;
  for (const Labelled& one : all) labels[one.label] = 0;
  for (auto& [name, label] : labels) {
    label = static_cast<int>(part.classes.size());
    part.classes.push_back(name);
  }
  auto labelled = std::make_shared<TreeImages>(files.tree());
  for (const Labelled& one : all) labelled->add(one.file, labels.at(one.label));
  part.images = std::move(labelled);
  Parts parts;
  parts.training = std::move(part);
  return parts;
}

}  // namespace alexnet
