// Images as vectors: the output of a layer of the network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/export.h"
#include "alexnet/image_input.h"
#include "alexnet/model.h"

namespace alexnet {

/// Options of embed().
struct EmbedOptions {
  std::string layer{};         ///< whose output is taken; empty: embedding_layer()
  int batch = 32;              ///< images computed at a time
  std::string engine = "cpu";  ///< one of engine_names()
  /// Called after each batch with images done and in all, as far as that is known.
  std::function<void(std::int64_t, std::int64_t)> progress{};
};

/// A row per image that could be read, in the order they were given; `files` are the images' names.
struct Embeddings {
  std::string layer;                         ///< whose output was taken
  std::vector<std::filesystem::path> files;  ///< one per row of `vectors`
  Tensor vectors;                            ///< [files.size(), units of the layer]
  std::vector<std::pair<std::filesystem::path, std::string>> unreadable;  ///< file, reason
};

/// The last dense layer before the one that gives the classes ("fc7"); where there is only one, what goes
/// into it. UsageError when there is none.
ALEXNET_API std::string embedding_layer(const NetworkSpec& spec);

/// The output of the layer for each image, [C, H, W] flattened in that order. UsageError when there is no
/// such layer.
ALEXNET_API Embeddings embed(const Model& model, std::span<const std::filesystem::path> files,
                             const EmbedOptions& options = {});
/// The same for images that need not be files.
ALEXNET_API Embeddings embed(const Model& model, std::span<const ImageInput> inputs,
                             const EmbedOptions& options = {});
/// The same for images that come one after the other.
ALEXNET_API Embeddings embed(const Model& model, ImageFeed feed, const EmbedOptions& options = {});
/// The same for images in braces; {} stands for no images.
inline Embeddings embed(const Model& model, std::initializer_list<ImageInput> inputs,
                        const EmbedOptions& options = {}) {
  return embed(model, std::span<const ImageInput>(inputs.begin(), inputs.size()), options);
}

/// The file of each row, one a line. Atomic; DataError when it cannot be written.
ALEXNET_API void write_file_names(const std::filesystem::path& txt, const Embeddings& embeddings);
/// As CSV: a heading, then a row per image, its file first. Atomic; DataError when it cannot be written.
ALEXNET_API void write_embeddings_csv(const std::filesystem::path& csv, const Embeddings& embeddings);

/// What TensorBoard's embedding projector opens (`tensorboard --logdir FOLDER`): tensors.tsv, metadata.tsv
/// (the file and the folder it is in), sprite.png (thumbnails; left out where there would be no room for 8x8
/// pixels each, and in a program that was built without charts; blank for images that are no files) and
/// projector_config.pbtxt. DataError when something cannot be written.
ALEXNET_API void write_projector(const std::filesystem::path& folder, const Embeddings& embeddings);

}  // namespace alexnet
