// What a report says, as data for the page that shows it (report.js).
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "report/findings.h"

namespace alexnet {

nlohmann::ordered_json report_document(const std::vector<Findings>& runs);

}  // namespace alexnet
