// Whether this program can draw.
#pragma once

#include <string>

namespace alexnet {

/// False in a program that was built without charts.
bool charts_available();
/// UsageError where there are none: `what` is a command or a file that needs them. To be called before the
/// work whose result is drawn.
void require_charts(const std::string& what);
/// Says, once in a process, that drawings beside a result are left out.
void note_charts_left_out();

}  // namespace alexnet
