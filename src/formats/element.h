// Types of numbers as files store them (little-endian), and their way to float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>

#include "alexnet/tensor.h"

namespace alexnet {

enum class Element { kF16, kBf16, kF32, kF64, kI8, kI16, kI32, kI64, kU8, kU16, kU32, kU64 };

std::size_t element_size(Element element);

/// Bytes of a dense tensor; nothing when an extent is negative or the product overflows.
std::optional<std::size_t> byte_count(const Shape& shape, Element element);

/// Each value as the nearest float32. `bytes` need not be aligned; bytes.size() == out.size() * element_size.
void to_float(Element element, std::span<const std::byte> bytes, std::span<float> out);

/// Values as Element::kF32.
void write_floats(std::ostream& out, std::span<const float> values);

/// DataError naming `name` when something could not be written.
void require_written(const std::ostream& out, const std::string& name);

}  // namespace alexnet
