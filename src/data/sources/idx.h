// IDX pairs, as the MNIST family comes: a file of gray images and, beside it, a file of labels.
#pragma once

#include <filesystem>
#include <memory>

#include "alexnet/bytes.h"
#include "data/sources/part.h"

namespace alexnet {

/// Gray images and their labels, each packed with gzip or not. DataError when they are damaged or do not
/// belong together.
std::shared_ptr<const ImageSource> read_idx(Bytes images, Bytes labels);

/// Whether these bytes, unpacked if need be, are of IDX format: they start with 00 00 08 (bytes follow).
bool is_idx(const Bytes& file);

/// Whether a folder holds image files by IDX's customary names.
bool is_idx_folder(const std::filesystem::path& path);

/// One pair, given its image file, whose name is its path: a training part.
Parts list_idx_file(Bytes images);

/// train-images-idx3-ubyte and t10k-images-idx3-ubyte (or test-...), each may be missing.
Parts list_idx_folder(const std::filesystem::path& folder);

}  // namespace alexnet
