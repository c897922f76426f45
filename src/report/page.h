// The page itself: report.html, report.css and report.js, as they were when the program was built.
#pragma once

#include <string_view>

namespace alexnet {

extern const std::string_view kReportHtml, kReportCss, kReportJs;

}  // namespace alexnet
