// The images that a report shows, each once.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "report/findings.h"

namespace alexnet {

/// "data:image/png;base64,..." of a file.
std::string data_uri(const std::string& media_type, const std::string& file);

class ReportImages {
 public:
  /// Number of an image among them; `set` is "validation" or "train".
  std::size_t add(const std::string& set, const Tested& tested, const Judgement& judgement);
  std::vector<std::size_t> add(const std::string& set, const Tested& tested,
                               const std::vector<Judgement>& judgements, std::size_t max);

  /// Every image: file, set, truth, predicted, confidence, truth_probability, and a small JPEG as a data
  /// URI (null where it could not be read again).
  nlohmann::ordered_json to_json(int channels) const;

 private:
  struct Entry {
    std::string set;
    const Tested* tested;
    Judgement judgement;
  };

  std::vector<Entry> entries_;
  std::map<std::pair<std::string, std::int64_t>, std::size_t> numbers_;
};

}  // namespace alexnet
