#include "formats/element.h"

#include <bit>
#include <cstring>

#include "alexnet/error.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

static_assert(std::endian::native == std::endian::little, "files are read as they lie in memory");

// Stored types that C++ has no name for.
struct Half {
  std::uint16_t bits;
  explicit operator float() const {
    const std::uint32_t sign = (bits & 0x8000U) << 16, magnitude = bits & 0x7fffU;
    if (magnitude >= 0x7c00U)  // infinity, NaN
      return std::bit_cast<float>(sign | 0x7f800000U | (magnitude & 0x3ffU) << 13);
    if (magnitude >= 0x400U)  // the exponent's bias is 15 here and 127 there
      return std::bit_cast<float>(sign | ((magnitude << 13) + ((127U - 15U) << 23)));
    // Subnormal here, normal there: right on threads that flush float's subnormals to zero, too.
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(value));
  }
};
struct Brain {
  std::uint16_t bits;
  explicit operator float() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
};

/// Calls use(T{}) with the type that stands for `element`.
template <class Use>
auto with_type(Element element, Use&& use) {
  switch (element) {
    case Element::kF16:
      return use(Half{});
    case Element::kBf16:
      return use(Brain{});
    case Element::kF32:
      return use(float{});
    case Element::kF64:
      return use(double{});
    case Element::kI8:
      return use(std::int8_t{});
    case Element::kI16:
      return use(std::int16_t{});
    case Element::kI32:
      return use(std::int32_t{});
    case Element::kI64:
      return use(std::int64_t{});
    case Element::kU8:
      return use(std::uint8_t{});
    case Element::kU16:
      return use(std::uint16_t{});
    case Element::kU32:
      return use(std::uint32_t{});
    case Element::kU64:
      break;
  }
  return use(std::uint64_t{});
}

}  // namespace

std::size_t element_size(Element element) {
  return with_type(element, [](auto stored) { return sizeof stored; });
}

std::optional<std::size_t> byte_count(const Shape& shape, Element element) {
  auto count = static_cast<std::int64_t>(element_size(element));
  for (const std::int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) return std::nullopt;
  return static_cast<std::size_t>(count);
}

void to_float(Element element, std::span<const std::byte> bytes, std::span<float> out) {
  with_type(element, [&](auto stored) {
    constexpr std::int64_t kGrain = 65'536;
    parallel_for(static_cast<std::int64_t>(out.size()), kGrain, [&](std::int64_t begin, std::int64_t end) {
      auto value = stored;
      for (std::int64_t i = begin; i < end; ++i) {
        std::memcpy(&value, bytes.data() + i * static_cast<std::int64_t>(sizeof value), sizeof value);
        out[static_cast<std::size_t>(i)] = static_cast<float>(value);
      }
    });
  });
}

void write_floats(std::ostream& out, std::span<const float> values) {
  out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
}

void require_written(const std::ostream& out, const std::string& name) {
  if (!out) throw DataError(name, "cannot be written");
}

}  // namespace alexnet
