#include "alexnet/image_input.h"

#include <fmt/format.h>

#include <utility>

#include "alexnet/error.h"
#include "image/preparation.h"

namespace alexnet {
namespace {

void check(const Image& image, int channels, const std::string& name) {
  if (!is_whole(image, channels))
    throw UsageError(name, fmt::format("is not an image of {} channels", channels),
                     fmt::format("load it with load_image(path, {})", channels));
}

}  // namespace

ImageInput::ImageInput(std::filesystem::path file) : name_(file.string()), from_(std::move(file)) {}
ImageInput::ImageInput(Bytes content) : name_(content.name), from_(std::move(content)) {}
ImageInput::ImageInput(Image image, std::string name)
    : ImageInput(std::make_shared<const Image>(std::move(image)), std::move(name)) {}
ImageInput::ImageInput(Pixels pixels, std::string name) : name_(std::move(name)), from_(std::move(pixels)) {}

// Shares the ownership of nothing.
ImageInput ImageInput::view(const Image& image, std::string name) {
  return {Pixels(std::shared_ptr<void>(), &image), std::move(name)};
}

Image ImageInput::load(int channels) const {
  if (const auto* file = std::get_if<std::filesystem::path>(&from_)) return load_image(*file, channels);
  if (const auto* content = std::get_if<Bytes>(&from_)) return load_image(*content, channels);
  const Image& image = *std::get<Pixels>(from_);
  check(image, channels, name_);
  return image;
}

void ImageInput::prepare(const Preprocessing& preprocessing, int channels, std::span<float> chw) const {
  if (const auto* pixels = std::get_if<Pixels>(&from_)) {
    check(**pixels, channels, name_);
    prepare_image(**pixels, preprocessing, chw);
  } else {
    prepare_image(load(channels), preprocessing, chw);
  }
}

}  // namespace alexnet
