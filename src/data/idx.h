// IDX pairs, as the MNIST family comes: a file of gray pictures and, beside it, a file of labels.
#pragma once

#include <filesystem>

#include "data/part.h"

namespace alexnet {

/// Whether this regular file, unpacked if need be, is of IDX format: it starts with 00 00 08 (bytes follow).
bool is_idx_file(const std::filesystem::path& path);

/// Whether a folder holds image files by IDX's customary names.
bool is_idx_folder(const std::filesystem::path& path);

/// One pair, given its image file: a training part.
Parts list_idx_file(const std::filesystem::path& images);

/// train-images-idx3-ubyte and t10k-images-idx3-ubyte (or test-...), each may be missing.
Parts list_idx_folder(const std::filesystem::path& folder);

}  // namespace alexnet
