// An image as somebody has it: a file, the bytes of one, or pixels.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "alexnet/bytes.h"
#include "alexnet/export.h"
#include "alexnet/image.h"

namespace alexnet {

/// Nothing is read before it is used. Copies are cheap: they share pixels.
class ALEXNET_API Picture {
 public:
  /// A file of a format that load_image() reads. Its path is the name.
  Picture(std::filesystem::path file);
  /// The content of such a file. What Bytes::keep does not hold must stay for as long as the image is used.
  Picture(Bytes content);
  /// Pixels that the picture owns.
  Picture(Image image, std::string name = "image");
  /// Pixels that are not copied and must stay for as long as the image is used.
  static Picture view(const Image& image, std::string name = "image");

  /// The path of a file, Bytes::name, or the name given with the pixels.
  const std::string& name() const { return name_; }

  /// As load_image(). UsageError when pixels were given and have another number of channels or another size
  /// than they say.
  Image load(int channels) const;
  /// The same image, prepared as prepare_image() does.
  void prepare(const Preprocessing& preprocessing, int channels, std::span<float> chw) const;

 private:
  using Pixels = std::shared_ptr<const Image>;
  Picture(Pixels pixels, std::string name);

  std::string name_;
  std::variant<std::filesystem::path, Bytes, Pixels> from_;
};

}  // namespace alexnet
