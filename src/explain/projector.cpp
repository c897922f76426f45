// Files for TensorBoard's embedding projector; see tensorboard/plugins/projector/projector_config.proto.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

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

void write_tensors(const fs::path& path, const Embeddings& embeddings) {
  const auto units = static_cast<std::size_t>(embeddings.vectors.shape[1]);
  AtomicFile file(path);
  std::string line;
  for (std::size_t row = 0; row < embeddings.files.size(); ++row) {
    line.clear();
    for (std::size_t unit = 0; unit < units; ++unit)
      fmt::format_to(std::back_inserter(line), "{}{}", unit == 0 ? "" : "\t",
                     embeddings.vectors.values[row * units + unit]);
    file.write(line + "\n");
  }
  file.commit();
}

void write_metadata(const fs::path& path, const Embeddings& embeddings) {
  std::string text = "file\tfolder\n";
  for (const fs::path& file : embeddings.files)
    text += printable(file.string()) + "\t" + printable(file.parent_path().filename().string()) + "\n";
  write_file(path, text);
}

/// Thumbnails in the order of the rows, as many across as down.
Image sprite(const std::vector<fs::path>& files, int across, int side) {
  Image sheet{across * side, across * side, 3, {}};
  const auto line = static_cast<std::size_t>(sheet.width) * 3, cells = static_cast<std::size_t>(across),
             cell = static_cast<std::size_t>(side);
  sheet.pixels.assign(line * static_cast<std::size_t>(sheet.height), 255);
  parallel_for(static_cast<std::int64_t>(files.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) try {
        const Image image = scale_middle(load_image(files[i], 3), side, side, side);
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

}  // namespace

void write_projector(const fs::path& folder, const Embeddings& embeddings) {
  make_folder(folder);
  write_tensors(folder / "tensors.tsv", embeddings);
  write_metadata(folder / "metadata.tsv", embeddings);
  std::string config = fmt::format(
      "embeddings {{\n  tensor_name: \"{}\"\n  tensor_shape: {}\n  tensor_shape: {}\n"
      "  tensor_path: \"tensors.tsv\"\n  metadata_path: \"metadata.tsv\"\n",
      embeddings.layer, embeddings.vectors.shape[0], embeddings.vectors.shape[1]);
  const int across =
      std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(embeddings.files.size())))));
  if (const int side = std::min(kThumbnail, kLargestSprite / across);
      side >= kSmallestThumbnail && charts_available()) {
    save_png(folder / "sprite.png", sprite(embeddings.files, across, side));
    config += fmt::format(
        "  sprite {{\n    image_path: \"sprite.png\"\n    single_image_dim: {0}\n    single_image_dim: {0}\n"
        "  }}\n",
        side);
  }
  write_file(folder / "projector_config.pbtxt", config + "}\n");
}

}  // namespace alexnet
