// The three containers that PyTorch has put its pickles into, and what they have in common.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "alexnet/bytes.h"
#include "formats/pytorch/pickle_value.h"

namespace alexnet::pytorch {

/// Bytes by Storage::key.
using StorageBytes = std::map<std::string, std::span<const std::byte>, std::less<>>;

/// A file that torch.save wrote. Its parts are views into the file.
struct Content {
  std::unique_ptr<Objects> objects = std::make_unique<Objects>();
  Value root;                                 ///< the object that was saved
  StorageBytes storages;                      ///< of all Storage::key
  std::string producer = "PyTorch", version;  ///< as Origin's
};

// Whether a file is one of these, told by its first bytes and, of archives, by their entries.
bool is_zip_container(std::span<const std::byte> data);
bool is_legacy_container(std::span<const std::byte> data);
bool is_tar_container(std::span<const std::byte> data);

// DataError naming the file when it is damaged, or holds more than tensors need.
/// torch.save since 1.6, and TorchScript: a zip archive.
Content read_zip_container(const Bytes& file);
/// torch.save from 0.2 to 1.5: five pickles, then the storages.
Content read_legacy_container(const Bytes& file);
/// torch.save of 0.1: a tar archive of pickles.
Content read_tar_container(const Bytes& file);

}  // namespace alexnet::pytorch
