// Files that become shorter while they are in use.
#pragma once

namespace alexnet::cli {

/// From now on a mapped file (a model, an archive, IDX data) whose content is gone when it is needed ends the
/// program with one line that names it, and the exit code of bad data; otherwise the system would end it
/// without a word (SIGBUS).
void report_lost_files();

}  // namespace alexnet::cli
