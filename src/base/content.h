// Telling what some bytes are by the first of them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace alexnet {

enum class ContentType {
  kOther,
  kDocument,  // a drawing, printed pages, layers or icons: programs turn it into a JPEG image
  kImage
};

struct Content {
  /// With its article: "a GIF image", "an HTML page", "text". Empty for bytes that look like nothing known.
  std::string_view name;
  ContentType type = ContentType::kOther;
};

/// All of the bytes, or the first thousands of them, which are enough.
Content recognise_content(std::span<const std::byte> data);

/// Its name.
inline std::string_view describe_content(std::span<const std::byte> data) {
  return recognise_content(data).name;
}

}  // namespace alexnet
