// The safetensors format (https://github.com/huggingface/safetensors#format): eight bytes of header length, a
// JSON header, and the tensors' bytes one after the other, without gaps. Reading is load_tensors()
// (alexnet/model.h).
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "alexnet/tensor.h"

namespace alexnet {

/// Whether bytes begin as a safetensors file does; nothing when there are too few of them to tell.
std::optional<bool> looks_like_safetensors(std::span<const std::byte> bytes);

/// Writes tensors as F32, in the order of their names, and metadata; the same arguments give the same bytes.
/// The data starts at a multiple of 64 bytes. DataError naming `name` when it cannot be written.
void save_tensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata,
                  std::ostream& out, const std::string& name);
/// Atomic, like AtomicFile.
void save_tensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata,
                  const std::filesystem::path& path);

}  // namespace alexnet
