#include "train/run/metrics_file.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

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

/// Not what the library would convert: 1e99 fits no counter, and 1.5 epochs are none.
template <class Integer>
Integer whole_number(const Json& row, const char* key) {
  const Json& value = row.at(key);
  const bool fits = value.is_number_unsigned()
                        ? std::in_range<Integer>(value.get<std::uint64_t>())
                        : value.is_number_integer() && std::in_range<Integer>(value.get<std::int64_t>());
  if (!fits) throw std::out_of_range(key);
  return value.get<Integer>();
}

[[noreturn]] void refuse_line(const std::string& file, int number) {
  throw DataError(file, "line " + std::to_string(number) + " does not contain the metrics of an epoch",
                  "remove the line");
}

EpochMetrics read_row(const std::string& line) {
  const Json row = Json::parse(line);
  return {.epoch = whole_number<int>(row, "epoch"),
          .step = whole_number<std::int64_t>(row, "step"),
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

std::string to_json(const EpochMetrics& epoch) {
  return Json{{"epoch", epoch.epoch},
              {"step", epoch.step},
              {"lr", epoch.lr},
              {"train_loss", epoch.train_loss},
              {"train_top1", epoch.train_top1},
              {"val_loss", number(epoch.val_loss)},
              {"val_top1", number(epoch.val_top1)},
              {"val_top5", number(epoch.val_top5)},
              {"images_per_s", epoch.images_per_s},
              {"data_wait", epoch.data_wait},
              {"seconds", epoch.seconds}}
      .dump();
}

void write_metrics(const std::filesystem::path& path, const std::vector<EpochMetrics>& epochs) {
  std::string text;
  for (const EpochMetrics& epoch : epochs) text += to_json(epoch) + "\n";
  write_file(path, text);
}

std::vector<EpochMetrics> read_metrics(const Bytes& file, int epochs) {
  std::vector<EpochMetrics> rows;
  std::istringstream lines(std::string(reinterpret_cast<const char*>(file.data.data()), file.data.size()));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      EpochMetrics row = read_row(line);
      if (row.epoch <= epochs) rows.push_back(row);
    } catch (const Json::exception&) {
      refuse_line(file.name, number);
    } catch (const std::out_of_range&) {
      refuse_line(file.name, number);
    }
  }
  return rows;
}

std::vector<EpochMetrics> read_metrics(const std::filesystem::path& path, int epochs) {
  if (!std::filesystem::exists(path)) return {};
  return read_metrics(Bytes::own(path.string(), read_file(path)), epochs);
}

}  // namespace alexnet
