// Stands in for the charts in a program that was built without them. What a run draws on the side is left
// out; what was asked for is refused.
#include "charts/charts.h"

#include <filesystem>

#include "alexnet/error.h"
#include "base/log_once.h"
#include "charts/band_chart.h"
#include "charts/confusion.h"
#include "charts/curves.h"
#include "charts/interval_chart.h"
#include "charts/png.h"
#include "charts/sheet.h"

namespace alexnet {

bool charts_available() { return false; }

void require_charts(const std::string& what) {
  throw UsageError(what, "needs charts, which are not part of this program",
                   "build it with -D ALEXNET_WITH_CHARTS=ON");
}

void note_charts_left_out() {
  log_info_once("charts are not drawn: this program was built without them (ALEXNET_WITH_CHARTS=OFF)");
}

void draw_bands(const std::filesystem::path&, const BandChart&) { note_charts_left_out(); }
void draw_confusion(const std::filesystem::path&, const std::vector<std::string>&,
                    std::span<const std::int64_t>) {
  note_charts_left_out();
}
void draw_curves(const std::filesystem::path&, const std::vector<Series>&, const std::vector<Series>&) {
  note_charts_left_out();
}
void draw_intervals(const std::filesystem::path&, const IntervalChart&) { note_charts_left_out(); }
SheetFile sheet_file(const Sheet&) { return {}; }

void draw_sheet(const std::filesystem::path& png, const Sheet&) { require_charts(png.string()); }
void save_png(const std::filesystem::path& png, const Image&) { require_charts(png.string()); }

}  // namespace alexnet
