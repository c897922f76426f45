#include "train/metrics_file.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "alexnet/error.h"
#include "base/file.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<double> number(const Json& row, const char* key) {
  const Json& value = row.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

std::string row_text(const EpochMetrics& m) {
  return Json{{"epoch", m.epoch},
              {"step", m.step},
              {"lr", m.lr},
              {"train_loss", m.train_loss},
              {"train_top1", m.train_top1},
              {"val_loss", number(m.val_loss)},
              {"val_top1", number(m.val_top1)},
              {"val_top5", number(m.val_top5)},
              {"images_per_s", m.images_per_s},
              {"data_wait", m.data_wait},
              {"seconds", m.seconds}}
      .dump();
}

EpochMetrics read_row(const std::string& line) {
  const Json row = Json::parse(line);
  return {.epoch = row.at("epoch").get<int>(),
          .step = row.at("step").get<std::int64_t>(),
          .lr = row.at("lr").get<double>(),
          .train_loss = row.at("train_loss").get<double>(),
          .train_top1 = row.at("train_top1").get<double>(),
          .val_loss = number(row, "val_loss"),
          .val_top1 = number(row, "val_top1"),
          .val_top5 = number(row, "val_top5"),
          .images_per_s = row.at("images_per_s").get<double>(),
          .data_wait = row.at("data_wait").get<double>(),
          .seconds = row.at("seconds").get<double>()};
}

}  // namespace

void write_metrics(const std::filesystem::path& path, const std::vector<EpochMetrics>& epochs) {
  std::string text;
  for (const EpochMetrics& epoch : epochs) text += row_text(epoch) + "\n";
  write_file(path, text);
}

std::vector<EpochMetrics> read_metrics(const std::filesystem::path& path, int epochs) {
  std::vector<EpochMetrics> rows;
  if (!std::filesystem::exists(path)) return rows;
  std::istringstream lines(read_file(path));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      EpochMetrics row = read_row(line);
      if (row.epoch <= epochs) rows.push_back(row);
    } catch (const Json::exception&) {
      throw DataError(path.string(), "line " + std::to_string(number) + " is not an epoch's figures",
                      "remove the line");
    }
  }
  return rows;
}

}  // namespace alexnet
