#include "train/run/held_out.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "alexnet/error.h"
#include "base/file.h"
#include "fmt/format.h"
#include "text/text.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;

std::string json_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A name as the record has it: bytes that are not UTF-8 are replaced.
std::string recorded_name(const std::string& name) { return Json::parse(json_text(name)).get<std::string>(); }

/// Of the images that could be read.
std::unordered_set<std::uint64_t> sizes_of(const std::vector<HeldOutImage>& record) {
  std::unordered_set<std::uint64_t> sizes;
  for (const HeldOutImage& image : record)
    if (image.digest) sizes.insert(image.bytes);
  return sizes;
}

std::vector<std::size_t> all_of(const ImageSource& source) {
  std::vector<std::size_t> images(source.size());
  std::iota(images.begin(), images.end(), std::size_t{0});
  return images;
}

HeldOutImage read_row(const std::string& line) {
  const Json row = Json::parse(line);
  HeldOutImage image{.file = row.at("file").get<std::string>(),
                     .bytes = row.at("bytes").get<std::uint64_t>(),
                     .digest = {},
                     .copy_of = row.value("copy_of", "")};
  if (!row.contains("digest")) return image;
  const auto digest = row.at("digest").get<std::string>();
  std::size_t read = 0;
  image.digest = std::stoull(digest, &read, 16);
  if (read != digest.size()) throw std::invalid_argument(digest);
  return image;
}

}  // namespace

std::vector<HeldOutImage> record_held_out(const ImageSource* held_out, const ImageSource& training,
                                          ContentReader& reader) {
  std::vector<HeldOutImage> record;
  if (held_out == nullptr) return record;
  std::unordered_set<std::uint64_t> sizes;
  for (std::size_t i = 0; i < held_out->size(); ++i) {
    record.push_back({recorded_name(held_out->name(i)), held_out->encoded_size(i), {}, {}});
    sizes.insert(record.back().bytes);
  }
  const std::vector<std::size_t> alike = images_of_sizes(training, sizes);
  reader.expect(held_out->size() + alike.size());
  const auto digests = reader.read(*held_out, all_of(*held_out)), others = reader.read(training, alike);
  std::unordered_map<std::uint64_t, std::size_t> trained;  // training images by content, the first of each
  for (std::size_t at = 0; at < alike.size(); ++at)
    if (others[at]) trained.emplace(*others[at], alike[at]);
  for (std::size_t i = 0; i < record.size(); ++i) {
    record[i].digest = digests[i];
    if (const auto copy = digests[i] ? trained.find(*digests[i]) : trained.end(); copy != trained.end())
      record[i].copy_of = recorded_name(training.name(copy->second));
  }
  return record;
}

std::vector<std::string> held_out_notes(const std::vector<HeldOutImage>& record) {
  std::vector<std::string> notes;
  const auto counted = [](std::int64_t count) { return grouped(count); };
  const auto is_copy = [](const HeldOutImage& image) { return !image.copy_of.empty(); };
  const auto all = static_cast<std::int64_t>(record.size());
  if (const std::int64_t shared = std::ranges::count_if(record, is_copy); shared > 0) {
    const HeldOutImage& one = *std::ranges::find_if(record, is_copy);
    notes.push_back(
        fmt::format("{} of the {} validation images {} too, byte for byte, such as {} and {}: the validation "
                    "accuracy says "
                    "little about new images",
                    shared == all ? "all" : counted(shared), counted(all),
                    shared == 1 ? "is a training image" : "are training images", one.file, one.copy_of));
  }
  const auto is_unread = [](const HeldOutImage& image) { return !image.digest; };
  if (const std::int64_t unread = std::ranges::count_if(record, is_unread); unread > 0)
    notes.push_back(fmt::format(
        "{} of the {} validation images cannot be read, such as {}: held-out.jsonl has their names "
        "alone, and later reports do not count them",
        counted(unread), counted(all), std::ranges::find_if(record, is_unread)->file));
  return notes;
}

std::string held_out_text(const std::vector<HeldOutImage>& images) {
  std::string text;
  for (const HeldOutImage& image : images) {
    Json row = {{"file", image.file}, {"bytes", image.bytes}};
    if (image.digest) row["digest"] = fmt::format("{:016x}", *image.digest);
    if (!image.copy_of.empty()) row["copy_of"] = image.copy_of;
    text += json_text(row) + "\n";
  }
  return text;
}

void write_held_out(const std::filesystem::path& path, const std::vector<HeldOutImage>& images) {
  write_file(path, held_out_text(images));
}

std::vector<HeldOutImage> read_held_out(const Bytes& file) {
  std::vector<HeldOutImage> record;
  std::istringstream lines(std::string(reinterpret_cast<const char*>(file.data.data()), file.data.size()));
  for (std::string line; std::getline(lines, line);) try {
      record.push_back(read_row(line));
    } catch (const std::exception&) {
      throw DataError(file.name,
                      fmt::format("line {} does not name an image that was held out", record.size() + 1),
                      "restore the file from a copy, or remove it: a run that is resumed writes it again");
    }
  return record;
}

std::optional<std::vector<HeldOutImage>> read_held_out(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_held_out(Bytes::own(path.string(), read_file(path)));
}

HeldOutSearch find_held_out(const std::vector<HeldOutImage>& record, const ImageSource& source,
                            ContentReader& reader) {
  const std::vector<std::size_t> alike = images_of_sizes(source, sizes_of(record));
  reader.expect(alike.size());
  const auto digests = reader.read(source, alike);
  std::unordered_map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < source.size(); ++i) names.emplace(recorded_name(source.name(i)), i);
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> contents;
  std::unordered_map<std::size_t, std::optional<std::uint64_t>> read;  // by image
  for (std::size_t at = 0; at < alike.size(); ++at) {
    read.emplace(alike[at], digests[at]);
    if (digests[at]) contents[*digests[at]].push_back(alike[at]);
  }
  HeldOutSearch search;
  std::set<std::size_t> found;
  std::vector<const HeldOutImage*> gone;  // from their names
  for (const HeldOutImage& image : record) {
    const auto at = names.find(image.file);
    const auto now = at == names.end() ? read.end() : read.find(at->second);
    if (!image.digest || (now != read.end() && !now->second))
      ++search.unreadable;
    else if (now != read.end() && now->second == image.digest)
      found.insert(at->second);
    else
      gone.push_back(&image);
  }
  for (const HeldOutImage* image : gone) {
    const std::vector<std::size_t>& same = contents[*image->digest];
    const auto moved = std::ranges::find_if(same, [&](std::size_t i) { return !found.contains(i); });
    if (image->copy_of.empty() && moved != same.end())
      found.insert(*moved);
    else
      ++(names.contains(image->file) ? search.changed : search.missing);
  }
  search.found.assign(found.begin(), found.end());
  return search;
}

}  // namespace alexnet
