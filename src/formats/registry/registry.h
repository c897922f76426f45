// The formats of model files there are.
#pragma once

#include <span>

#include "formats/format.h"

namespace alexnet {

std::span<const Importer* const> importers();
/// The first is the one of this program's own models.
std::span<const Exporter* const> exporters();

/// The exporter of that name, or, for an empty one, that of a file name's ending. UsageError naming the
/// formats there are.
const Exporter& find_exporter(const std::string& format, const std::string& file);

/// The importer that recognises a file. DataError, where none does, that names the file, its first bytes,
/// what they look like, and the formats known.
const Importer& find_importer(const Bytes& file);

}  // namespace alexnet
