#include "train/listeners/event_images.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/kernels.h"
#include "data/sources/load_middle.h"
#include "fmt/format.h"
#include "image/preparation.h"

namespace alexnet {
namespace {

constexpr std::size_t kImages = 16;
constexpr int kColumns = 4;
constexpr double kSide = 110, kGap = 6;

std::optional<EventImage> draw(std::vector<SheetImage> images) {
  SheetFile file = sheet_file({.title = {},
                               .subtitle = {},
                               .images = std::move(images),
                               .across = kColumns,
                               .side = kSide,
                               .gap = kGap});
  if (file.png.empty()) return std::nullopt;
  return EventImage{file.width, file.height, 3, std::move(file.png)};
}

}  // namespace

std::optional<EventImage> batch_sheet(const Batch& batch, const Plan& plan) {
  const std::size_t size = batch.images.size() / batch.labels.size();
  const std::size_t count = std::min(kImages, batch.labels.size());
  std::vector<SheetImage> images;
  for (std::size_t i = 0; i < count; ++i)
    images.push_back({show_image(batch.images.subspan(i * size, size), plan.preprocessing),
                      {plan.data.classes[static_cast<std::size_t>(batch.labels[i])]}});
  return draw(std::move(images));
}

std::optional<EventImage> mistakes_sheet(const Evaluation& validation, const Plan& plan) {
  std::vector<Judgement> wrong;
  std::ranges::copy_if(validation.judgements, std::back_inserter(wrong),
                       [](const Judgement& j) { return !j.right(); });
  const std::size_t count = std::min(kImages, wrong.size());
  std::ranges::partial_sort(wrong, wrong.begin() + static_cast<std::ptrdiff_t>(count), std::greater(),
                            &Judgement::confidence);
  const Preprocessing& how = plan.preprocessing;
  const auto name = [&](int label) { return plan.data.classes[static_cast<std::size_t>(label)]; };
  std::vector<SheetImage> images;
  for (std::size_t i = 0; i < count; ++i) {
    try {
      images.push_back({load_middle(*plan.data.validation, static_cast<std::size_t>(wrong[i].index),
                                    plan.config.channels, how, how.crop_width, how.crop_height),
                        {fmt::format("{:.0f} % {}", 100 * wrong[i].confidence, name(wrong[i].predicted)),
                         "is " + name(wrong[i].truth)}});
    } catch (const DataError&) {  // it could be read a moment ago; the loader names what cannot be
    }
  }
  if (images.empty()) return std::nullopt;
  return draw(std::move(images));
}

std::optional<FilterSheet> filter_sheet(const Model& model) {
  constexpr int kFilterColumns = 16;
  constexpr double kFilterSide = 34, kFilterGap = 3;
  try {
    KernelImages found = kernel_images(model);
    const std::size_t count = found.kernels.size();
    const int side = found.kernels.front().width;
    std::vector<SheetImage> images;
    for (Image& kernel : found.kernels) images.push_back({std::move(kernel), {}});
    SheetFile sheet = sheet_file({.title = {},
                                  .subtitle = {},
                                  .images = std::move(images),
                                  .across = kFilterColumns,
                                  .side = kFilterSide,
                                  .gap = kFilterGap});
    if (sheet.png.empty()) return std::nullopt;
    return FilterSheet{found.layer, count, side, std::move(sheet)};
  } catch (const UsageError&) {  // no convolution, or one of more channels than colours
    return std::nullopt;
  }
}

}  // namespace alexnet
