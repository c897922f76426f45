#include "charts/charts.h"

namespace alexnet {

bool charts_available() { return true; }
void require_charts(const std::string&) {}
void note_charts_left_out() {}

}  // namespace alexnet
