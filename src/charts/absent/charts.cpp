// Stands in for the charts in a program that was built without them. What a run draws on the side is left
// out; what was asked for is refused.
#include <filesystem>
#include <mutex>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "charts/band_chart.h"
#include "charts/confusion.h"
#include "charts/curves.h"
#include "charts/interval_chart.h"
#include "charts/png.h"
#include "charts/sheet.h"

namespace alexnet {
namespace {

void leave_out() {
  static std::once_flag told;
  std::call_once(told, [] {
    log_info("charts are not drawn: this program was built without them (ALEXNET_WITH_CHARTS=OFF)");
  });
}

[[noreturn]] void refuse(const std::filesystem::path& png) {
  throw UsageError(png.string(), "cannot be drawn: charts are not part of this program",
                   "build it with -D ALEXNET_WITH_CHARTS=ON");
}

}  // namespace

void draw_bands(const std::filesystem::path&, const BandChart&) { leave_out(); }
void draw_confusion(const std::filesystem::path&, const std::vector<std::string>&,
                    std::span<const std::int64_t>) {
  leave_out();
}
void draw_curves(const std::filesystem::path&, const std::vector<Series>&, const std::vector<Series>&) {
  leave_out();
}
void draw_intervals(const std::filesystem::path&, const IntervalChart&) { leave_out(); }
SheetFile sheet_file(const Sheet&) { return {}; }

void draw_sheet(const std::filesystem::path& png, const Sheet&) { refuse(png); }
void save_png(const std::filesystem::path& png, const Image&) { refuse(png); }

}  // namespace alexnet
