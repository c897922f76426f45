// Files for TensorBoard's embedding projector; see tensorboard/plugins/projector/projector_config.proto.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "alexnet/dataset.h"
#include "alexnet/embed.h"
#include "alexnet/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "charts/charts.h"
#include "charts/png.h"
#include "image/preparation.h"
#include "text/text.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

// TensorBoard refuses larger sprites.
constexpr int kLargestSprite = 8192;
constexpr int kThumbnail = 64;
constexpr int kSmallestThumbnail = 8;
constexpr std::size_t kMaxAcross = kLargestSprite / kSmallestThumbnail;

/// Thumbnails in the order of the rows, as many across as down.
Image sprite(const std::vector<fs::path>& files, int across, int side) {
  Image sheet{across * side, across * side, 3, {}};
  const auto line = static_cast<std::size_t>(sheet.width) * 3, cells = static_cast<std::size_t>(across),
             cell = static_cast<std::size_t>(side);
  sheet.pixels.assign(line * static_cast<std::size_t>(sheet.height), 255);
  const Preprocessing steps{.resize = side, .mean = {}, .stddev = {}};
  parallel_for(static_cast<std::int64_t>(files.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) try {
        const Image image = scale_middle(load_image(files[i], 3), steps, side, side);
        for (std::size_t y = 0; y < cell; ++y)
          std::copy_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(y * cell * 3), cell * 3,
                      sheet.pixels.begin() +
                          static_cast<std::ptrdiff_t>((i / cells * cell + y) * line + i % cells * cell * 3));
      } catch (const std::exception&) {
        // Gone since its vector was computed: its place stays white.
      }
  });
  return sheet;
}

class Projector final : public EmbeddingFiles {
 public:
  Projector(fs::path folder, std::string layer, std::int64_t units)
      : folder_(made(std::move(folder))),
        layer_(std::move(layer)),
        units_(units),
        tensors_(folder_ / "tensors.tsv"),
        metadata_(folder_ / "metadata.tsv") {
    metadata_.write("file\tfolder\n");
  }

  void add(const fs::path& file, std::span<const float> vector) override {
    std::string line;
    for (const float value : vector)
      fmt::format_to(std::back_inserter(line), "{}{}", line.empty() ? "" : "\t", value);
    tensors_.write(line + "\n");
    metadata_.write(printable(file.string()) + "\t" + printable(file.parent_path().filename().string()) +
                    "\n");
    if (++count_ <= kMaxAcross * kMaxAcross)
      shown_.push_back(file);
    else
      shown_ = {};  // there is no room for thumbnails
  }

  void finish() override {
    tensors_.commit();
    metadata_.commit();
    std::string config = fmt::format(
        "embeddings {{\n  tensor_name: \"{}\"\n  tensor_shape: {}\n  tensor_shape: {}\n"
        "  tensor_path: \"tensors.tsv\"\n  metadata_path: \"metadata.tsv\"\n",
        layer_, count_, units_);
    if (shown_.size() == count_ && charts_available()) config += draw_sprite();
    write_file(folder_ / "projector_config.pbtxt", config + "}\n");
  }

 private:
  static fs::path made(fs::path folder) {
    make_folder(folder);
    return folder;
  }

  /// Its part of the configuration.
  std::string draw_sprite() const {
    const int across = std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count_)))));
    const int side = std::min(kThumbnail, kLargestSprite / across);
    save_png(folder_ / "sprite.png", sprite(shown_, across, side));
    return fmt::format(
        "  sprite {{\n    image_path: \"sprite.png\"\n    single_image_dim: {0}\n    single_image_dim: {0}\n"
        "  }}\n",
        side);
  }

  const fs::path folder_;
  const std::string layer_;
  const std::int64_t units_;
  AtomicFile tensors_, metadata_;
  std::size_t count_ = 0;
  std::vector<fs::path> shown_;  // on thumbnails
};

}  // namespace

std::unique_ptr<EmbeddingFiles> embeddings_projector(const fs::path& folder, const std::string& layer,
                                                     std::int64_t units) {
  return std::make_unique<Projector>(folder, layer, units);
}

}  // namespace alexnet
