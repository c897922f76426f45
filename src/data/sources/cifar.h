// CIFAR-10 and CIFAR-100 in the binary form that their publisher offers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "data/sources/part.h"

namespace alexnet {

/// Images of 32x32 RGB pixels: records of `label_bytes`, of which the last is the label, and three planes of
/// pixels. DataError when a file does not consist of such records, or has a label that is not below
/// `classes`.
std::shared_ptr<const ImageSource> read_cifar(std::vector<Bytes> files, std::size_t label_bytes,
                                              std::size_t classes);

/// Whether a folder holds files by CIFAR's names.
bool is_cifar_folder(const std::filesystem::path& folder);

/// data_batch_*.bin, test_batch.bin and batches.meta.txt of CIFAR-10, each of which may be missing: without
/// the names in the last one, the classes are numbers. train.bin, test.bin and fine_label_names.txt of
/// CIFAR-100, whose classes are the 100 fine ones.
Parts list_cifar_folder(const std::filesystem::path& folder);

}  // namespace alexnet
