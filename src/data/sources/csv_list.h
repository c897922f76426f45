// Lists of labelled images: a line per image, its file and its class.
#pragma once

#include "alexnet/bytes.h"
#include "data/sources/part.h"

namespace alexnet {

/// Whether a file is such a list: its name ends in .csv, as nothing in its content could tell.
bool is_csv_list(const Bytes& file);

/// Images to train on, of a list whose name is its path. Files are relative to the list; cells are separated
/// by commas, semicolons or tabs, and may be in quotes (RFC 4180). A first line that names no image is a
/// heading: the columns called "file" and "label", or alike, count; without one the first two. DataError
/// naming the line.
Parts list_csv(const Bytes& file);

}  // namespace alexnet
