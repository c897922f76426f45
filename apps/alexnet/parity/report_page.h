// The report of an import or an export as a page.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace alexnet::cli {

/// One HTML file that needs nothing else, of report_json()'s object.
std::string report_page(const nlohmann::ordered_json& report);

}  // namespace alexnet::cli
