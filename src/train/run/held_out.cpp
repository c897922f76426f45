#include "train/run/held_out.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "alexnet/error.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/parallel.h"
#include "fmt/format.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;
using Digests = std::vector<std::optional<std::uint64_t>>;

std::string json_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A name as the record has it: bytes that are not UTF-8 are replaced.
std::string recorded_name(const std::string& name) { return Json::parse(json_text(name)).get<std::string>(); }

/// Of its file's bytes, or else of its pixels.
std::uint64_t digest_of(const ImageSource& source, std::size_t i) {
  const Bytes bytes = source.encoded(i);
  if (!bytes.data.empty()) return content_digest(bytes.data);
  const Image image = source.load(i, 3);
  return content_digest(std::as_bytes(std::span(image.pixels)));
}

/// By image; none of those that cannot be read or that `wanted` says no to.
template <class Wanted>
Digests digests_of(const ImageSource& source, const Wanted& wanted) {
  Digests digests(source.size());
  parallel_for(static_cast<std::int64_t>(source.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) try {
        if (wanted(source.encoded_size(i))) digests[i] = digest_of(source, i);
      } catch (const std::exception&) {  // it cannot be read
      }
  });
  return digests;
}

/// Of the images that are as large as a recorded one.
Digests digests_of(const ImageSource& source, const std::vector<HeldOutImage>& record) {
  std::unordered_set<std::uint64_t> sizes;
  for (const HeldOutImage& image : record) sizes.insert(image.bytes);
  return digests_of(source, [&](std::uint64_t size) { return sizes.contains(size); });
}

HeldOutImage read_row(const std::string& line) {
  const Json row = Json::parse(line);
  HeldOutImage image{.file = row.at("file").get<std::string>(),
                     .bytes = row.at("bytes").get<std::uint64_t>(),
                     .digest = 0,
                     .copy_of = row.value("copy_of", "")};
  const auto digest = row.at("digest").get<std::string>();
  std::size_t read = 0;
  image.digest = std::stoull(digest, &read, 16);
  if (read != digest.size()) throw std::invalid_argument(digest);
  return image;
}

}  // namespace

std::vector<HeldOutImage> record_held_out(const ImageSource* held_out, const ImageSource& training) {
  std::vector<HeldOutImage> record;
  if (held_out == nullptr) return record;
  const Digests digests = digests_of(*held_out, [](std::uint64_t) { return true; });
  std::unordered_map<std::uint64_t, std::string> copies;  // by digest
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (!digests[i]) continue;
    record.push_back({recorded_name(held_out->name(i)), held_out->encoded_size(i), *digests[i], {}});
    copies[*digests[i]];
  }
  const Digests others = digests_of(training, record);
  for (std::size_t i = 0; i < others.size(); ++i)
    if (const auto copy = others[i] ? copies.find(*others[i]) : copies.end();
        copy != copies.end() && copy->second.empty())
      copy->second = recorded_name(training.name(i));
  for (HeldOutImage& image : record) image.copy_of = copies[image.digest];
  return record;
}

void write_held_out(const std::filesystem::path& path, const std::vector<HeldOutImage>& images) {
  std::string text;
  for (const HeldOutImage& image : images) {
    Json row = {
        {"file", image.file}, {"bytes", image.bytes}, {"digest", fmt::format("{:016x}", image.digest)}};
    if (!image.copy_of.empty()) row["copy_of"] = image.copy_of;
    text += json_text(row) + "\n";
  }
  write_file(path, text);
}

std::vector<HeldOutImage> read_held_out(const Bytes& file) {
  std::vector<HeldOutImage> record;
  std::istringstream lines(std::string(reinterpret_cast<const char*>(file.data.data()), file.data.size()));
  for (std::string line; std::getline(lines, line);) try {
      record.push_back(read_row(line));
    } catch (const std::exception&) {
      throw DataError(file.name,
                      fmt::format("line {} does not name an image that was held out", record.size() + 1),
                      "restore the file from a copy, or remove it: the run is then one without a record");
    }
  return record;
}

std::optional<std::vector<HeldOutImage>> read_held_out(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_held_out(Bytes::own(path.string(), read_file(path)));
}

HeldOutSearch find_held_out(const std::vector<HeldOutImage>& record, const ImageSource& source) {
  const Digests digests = digests_of(source, record);
  std::unordered_map<std::string, std::size_t> names;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> contents;
  for (std::size_t i = 0; i < source.size(); ++i) {
    names.emplace(recorded_name(source.name(i)), i);
    if (digests[i]) contents[*digests[i]].push_back(i);
  }
  HeldOutSearch search;
  std::set<std::size_t> found;
  std::vector<const HeldOutImage*> gone;  // from their names
  for (const HeldOutImage& image : record) {
    const auto at = names.find(image.file);
    if (at != names.end() && digests[at->second] == image.digest)
      found.insert(at->second);
    else
      gone.push_back(&image);
  }
  for (const HeldOutImage* image : gone) {
    const std::vector<std::size_t>& same = contents[image->digest];
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
