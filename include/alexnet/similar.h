// Images that the network finds alike, out of thousands, at once: an index on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/export.h"
#include "alexnet/model.h"

namespace alexnet {

/// Options of a SimilarityIndex.
struct SimilarOptions {
  std::string layer{};         ///< whose output is compared; empty: embedding_layer()
  int batch = 32;              ///< images computed at a time while the index is made
  std::string engine = "cpu";  ///< one of engine_names()
  /// Called after each batch of new images with images done and in all.
  std::function<void(std::int64_t, std::int64_t)> progress{};
};

/// An image of the index, found near another one.
struct Neighbour {
  std::filesystem::path file;  ///< absolute
  double distance = 0;  ///< Euclidean, between the outputs of the layer (Krizhevsky et al. 2012, section 6.1)
};

/// The vectors of images on disk, in a graph that finds near ones (HNSW: Malkov & Yashunin 2018), with the
/// time and size of each file. An index is made anew when it belongs to another model or layer or cannot be
/// read. Not thread-safe, and one process at a time writes: others wait.
class ALEXNET_API SimilarityIndex {
 public:
  /// Opens the index kept in `folder`, or begins one there. DataError when the folder cannot be made or
  /// written, UsageError when the network has no such layer.
  SimilarityIndex(Model model, const std::filesystem::path& folder, const SimilarOptions& options = {});
  ~SimilarityIndex();
  /// Leaves the other without a state: it may only be destroyed or assigned to.
  SimilarityIndex(SimilarityIndex&&) noexcept;
  /// Leaves the other without a state: it may only be destroyed or assigned to.
  SimilarityIndex& operator=(SimilarityIndex&&) noexcept;

  /// The layer whose output is compared.
  const std::string& layer() const;
  /// Number of images in the index.
  std::size_t size() const;

  /// What update() changed.
  struct Update {
    std::int64_t added = 0,  ///< images that are new or have changed
        removed = 0;         ///< images that are gone or have changed
    std::vector<std::pair<std::filesystem::path, std::string>> unreadable;  ///< file, reason
  };
  /// Makes the index hold exactly these files, those that can be read. Only files that are new, or whose time
  /// or size is another than when they were added, are computed. What changed is on disk afterwards, whole or
  /// not at all.
  Update update(std::span<const std::filesystem::path> files);

  /// The `top` nearest to an image, nearest first, the image's own file left out. The search is
  /// approximate: now and then a neighbour is missed. DataError when the image cannot be read.
  std::vector<Neighbour> nearest(const std::filesystem::path& image, int top);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Where the index of a folder of images is kept when nothing else is said: a folder of its own in
/// $XDG_CACHE_HOME/alexnet or ~/.cache/alexnet. DataError when neither is known.
ALEXNET_API std::filesystem::path default_index_folder(const std::filesystem::path& images,
                                                       const Model& model, const std::string& layer);

}  // namespace alexnet
