// Images as vectors: the output of a layer of the network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/export.h"
#include "alexnet/image_input.h"
#include "alexnet/model.h"

namespace alexnet {

/// Options of embed() and each_embedding().
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

/// One image as each_embedding() gives it.
struct Embedding {
  std::filesystem::path file;     ///< the image's name
  std::span<const float> vector;  ///< valid during the call; empty when the image cannot be read
  std::string error;              ///< why it cannot; empty when it can
};
/// As embed(), one image after the other: nothing grows with their number.
ALEXNET_API void each_embedding(const Model& model, ImageFeed feed, const EmbedOptions& options,
                                const std::function<void(const Embedding&)>& body);

/// Files that vectors are written into one after the other. None is kept in memory; the files appear whole
/// at the end. Errors are DataErrors.
class ALEXNET_API EmbeddingFiles {
 public:
  virtual ~EmbeddingFiles();
  /// The vector of one image; all are of the same length.
  virtual void add(const std::filesystem::path& file, std::span<const float> vector) = 0;
  /// To be called once, behind the last vector.
  virtual void finish() = 0;
};

/// A .npy file of [images, units], and a text with the file of each row, one a line. DataError when `npy` is
/// a pipe: the number of images comes first in it.
ALEXNET_API std::unique_ptr<EmbeddingFiles> embeddings_npy(const std::filesystem::path& npy,
                                                           const std::filesystem::path& txt,
                                                           std::int64_t units);
/// CSV: a heading, then a row per image, its file first.
ALEXNET_API std::unique_ptr<EmbeddingFiles> embeddings_csv(const std::filesystem::path& csv,
                                                           std::int64_t units);
/// What TensorBoard's embedding projector opens (`tensorboard --logdir FOLDER`): tensors.tsv, metadata.tsv
/// (the file and the folder it is in), sprite.png (thumbnails; left out where there would be no room for 8x8
/// pixels each, and in a program that was built without charts; blank for images that are no files) and
/// projector_config.pbtxt. The names of the images are kept as long as there is room for their thumbnails, a
/// million of them at most.
ALEXNET_API std::unique_ptr<EmbeddingFiles> embeddings_projector(const std::filesystem::path& folder,
                                                                 const std::string& layer,
                                                                 std::int64_t units);

/// Adds all vectors and finishes the files.
ALEXNET_API void write_embeddings(const Embeddings& embeddings, EmbeddingFiles& files);

}  // namespace alexnet
