// An image as somebody has it: a file, the bytes of one, or pixels.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "alexnet/bytes.h"
#include "alexnet/export.h"
#include "alexnet/image.h"

namespace alexnet {

/// Nothing is read before it is used. Copies are cheap: they share pixels.
class ALEXNET_API ImageInput {
 public:
  /// A file of a format that load_image() reads. Its path is the name.
  ImageInput(std::filesystem::path file);
  /// The content of such a file. What Bytes::keep does not hold must stay for as long as the image is used.
  ImageInput(Bytes content);
  /// Pixels that the input owns.
  ImageInput(Image image, std::string name = "image");
  /// Pixels that are not copied and must stay for as long as the image is used.
  static ImageInput view(const Image& image, std::string name = "image");

  /// The path of a file, Bytes::name, or the name given with the pixels.
  const std::string& name() const { return name_; }

  /// As load_image(). UsageError when pixels were given and have another number of channels or another size
  /// than they say.
  Image load(int channels) const;
  /// The same image, prepared as prepare_image() does.
  void prepare(const Preprocessing& preprocessing, int channels, std::span<float> chw) const;

 private:
  using Pixels = std::shared_ptr<const Image>;
  ImageInput(Pixels pixels, std::string name);

  std::string name_;
  std::variant<std::filesystem::path, Bytes, Pixels> from_;
};

/// Where images come from, one after the other: a list, a queue, names that another program writes. All is
/// asked on the thread that uses the images.
struct ImageFeed {
  /// The next image, or none at the end, after which it is not asked again. It may wait for one.
  std::function<std::optional<ImageInput>()> next;
  /// Whether next() answers without waiting: as long as it does, it is asked some batches ahead. Otherwise,
  /// next() is asked only when all images before were computed and their results delivered, so that nothing
  /// that is finished waits for what has yet to come. Where this is left out, next() is always taken to wait,
  /// and images are gathered until a batch is full.
  std::function<bool()> ready{};
  /// How many images there are in all; 0: that is not known.
  std::size_t count = 0;
};

}  // namespace alexnet
