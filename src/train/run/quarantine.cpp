#include "train/run/quarantine.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"

namespace alexnet {

using Json = nlohmann::ordered_json;

std::vector<std::pair<std::string, BadImage>> read_quarantine(const std::filesystem::path& path) {
  std::vector<std::pair<std::string, BadImage>> rows;
  if (!std::filesystem::exists(path)) return rows;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    try {
      const Json row = Json::parse(line);
      rows.push_back({row.at("set").get<std::string>(),
                      {row.value("index", std::size_t{0}), row.value("file", ""), row.value("reason", "")}});
    } catch (const Json::exception&) {
      continue;  // not ours to judge: it is only a list
    }
  }
  return rows;
}

Quarantine::Quarantine(std::filesystem::path path) : path_(std::move(path)) {
  for (const auto& [set, image] : read_quarantine(path_)) add(set, {image});
}

void Quarantine::add(const std::string& set, const std::vector<BadImage>& images) {
  for (const BadImage& image : images)
    if (images_.try_emplace({set, image.index}, image).second) written_ = false;
}

void Quarantine::write() {
  if (written_) return;
  std::string text;
  for (const auto& [key, image] : images_)
    text +=
        Json{{"set", key.first}, {"index", key.second}, {"file", image.name}, {"reason", image.reason}}.dump(
            -1, ' ', false, Json::error_handler_t::replace) +
        "\n";
  write_file(path_, text);
  written_ = true;
}

}  // namespace alexnet
