#include <fmt/format.h>

#include <algorithm>

#include "alexnet/error.h"
#include "alexnet/filters.h"
#include "explain/layer_outputs.h"
#include "image/preparation.h"
#include "inference/image_stream.h"
#include "model/geometry.h"

namespace alexnet {
namespace {

constexpr std::uint8_t kOutside = 128;

/// `rows` x `columns` pixels from (top, left) on, gray where there is no image.
Image cut(const Image& from, int top, int left, int rows, int columns) {
  Image result{columns, rows, from.channels, {}};
  const auto channels = static_cast<std::size_t>(from.channels);
  result.pixels.assign(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * channels,
                       kOutside);
  const int first = std::max(left, 0), last = std::min(left + columns, from.width);
  if (first >= last) return result;
  for (int y = std::max(top, 0); y < std::min(top + rows, from.height); ++y) {
    const auto source =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(from.width) + static_cast<std::size_t>(first);
    const auto target = static_cast<std::size_t>(y - top) * static_cast<std::size_t>(columns) +
                        static_cast<std::size_t>(first - left);
    std::copy_n(from.pixels.begin() + static_cast<std::ptrdiff_t>(source * channels),
                static_cast<std::size_t>(last - first) * channels,
                result.pixels.begin() + static_cast<std::ptrdiff_t>(target * channels));
  }
  return result;
}

/// The strongest places seen so far, best first; of equal ones the earlier.
class Best {
 public:
  explicit Best(int max) : max_(static_cast<std::size_t>(max)) {}
  void add(Patch patch) {
    const auto place =
        std::ranges::upper_bound(patches_, patch.activation, std::greater{}, &Patch::activation);
    if (place == patches_.end() && patches_.size() == max_) return;
    patches_.insert(place, std::move(patch));
    if (patches_.size() > max_) patches_.pop_back();
  }
  std::vector<Patch> take() { return std::move(patches_); }

 private:
  std::size_t max_;
  std::vector<Patch> patches_;
};

}  // namespace

StrongestPatches strongest_patches(const Model& model, const std::string& layer, int channel,
                                   std::span<const std::filesystem::path> files,
                                   const PatchOptions& options) {
  if (options.top < 1) throw UsageError("top", "must be at least 1");
  check_takes_images(model.spec);
  const std::size_t index = layer_index(model.spec, layer);
  const Extent extent = output_shapes(model.spec)[index];
  if (channel < 0 || channel >= extent.channels)
    throw UsageError(layer, fmt::format("has channels 0 to {}, not {}", extent.channels - 1, channel));

  const ReceptiveField field = receptive_field(model.spec, index);
  StrongestPatches result{extent.channels, {}, {}};
  const auto pixels = static_cast<std::size_t>(extent.height) * static_cast<std::size_t>(extent.width);
  Best best(options.top);
  each_layer_output(
      model, layer, feed_of(files), {std::max(options.batch, 1), options.engine, options.progress},
      [&](const LayerOutput& one) {
        if (!one.error.empty()) {
          result.unreadable.emplace_back(one.input.name(), one.error);
          return;
        }
        const auto plane = one.values.subspan(static_cast<std::size_t>(channel) * pixels, pixels);
        const auto place = static_cast<int>(std::ranges::max_element(plane) - plane.begin());
        best.add({one.input.name(),
                  plane[static_cast<std::size_t>(place)],
                  place / extent.width,
                  place % extent.width,
                  {}});
      });

  const Preprocessing& steps = model.preprocessing;
  result.patches = best.take();
  for (Patch& patch : result.patches) {
    const Image seen = scale_middle(load_image(patch.file, model.spec.input.channels), steps,
                                    steps.crop_width, steps.crop_height);
    patch.image =
        cut(seen, field.rows.start + patch.row * field.rows.step,
            field.columns.start + patch.column * field.columns.step, field.rows.size, field.columns.size);
  }
  return result;
}

}  // namespace alexnet
