#include "data/sources/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "alexnet/error.h"
#include "base/random.h"

namespace alexnet {
namespace {

/// Another source's images under other labels.
class Relabelled final : public ImageSource {
 public:
  Relabelled(std::shared_ptr<const ImageSource> source, std::vector<int> labels)
      : source_(std::move(source)), labels_(std::move(labels)) {}
  std::size_t size() const override { return source_->size(); }
  int label(std::size_t i) const override { return labels_[static_cast<std::size_t>(source_->label(i))]; }
  std::string name(std::size_t i) const override { return source_->name(i); }
  Image load(std::size_t i, int channels) const override { return source_->load(i, channels); }
  std::size_t encoded_size(std::size_t i) const override { return source_->encoded_size(i); }
  Bytes encoded(std::size_t i) const override { return source_->encoded(i); }

 private:
  std::shared_ptr<const ImageSource> source_;
  std::vector<int> labels_;
};

/// Some of another source's images.
class Selected final : public ImageSource {
 public:
  Selected(std::shared_ptr<const ImageSource> source, std::vector<std::size_t> indices)
      : source_(std::move(source)), indices_(std::move(indices)) {}
  std::size_t size() const override { return indices_.size(); }
  int label(std::size_t i) const override { return source_->label(indices_[i]); }
  std::string name(std::size_t i) const override { return source_->name(indices_[i]); }
  Image load(std::size_t i, int channels) const override { return source_->load(indices_[i], channels); }
  std::size_t encoded_size(std::size_t i) const override { return source_->encoded_size(indices_[i]); }
  Bytes encoded(std::size_t i) const override { return source_->encoded(indices_[i]); }

 private:
  std::shared_ptr<const ImageSource> source_;
  std::vector<std::size_t> indices_;
};

/// The images of each class in an order that follows from the seed; `draw` tells one use of it from
/// another.
std::map<int, std::vector<std::size_t>> drawn_by_class(const ImageSource& images, std::uint64_t seed,
                                                       std::uint32_t draw) {
  using Draw = std::pair<std::array<std::uint32_t, 4>, std::size_t>;
  std::map<int, std::vector<Draw>> classes;
  for (std::size_t i = 0; i < images.size(); ++i)
    classes[images.label(i)].emplace_back(random_block(seed, Purpose::kSplit, draw, i, 0), i);
  std::map<int, std::vector<std::size_t>> orders;
  for (auto& [label, draws] : classes) {
    std::sort(draws.begin(), draws.end());
    for (const auto& [bits, index] : draws) orders[label].push_back(index);
  }
  return orders;
}

/// Small classes give more, or less, than the fraction that was asked for.
std::string split_note(double fraction, const std::vector<std::string>& names, std::size_t held,
                       std::size_t all) {
  return fmt::format("--val-split {:g} holds out whole images: {:.0f} % instead of {:.0f} % of {}", fraction,
                     100.0 * static_cast<double>(held) / static_cast<double>(all), 100 * fraction,
                     few_names(names));
}

}  // namespace

std::shared_ptr<const ImageSource> relabelled(std::shared_ptr<const ImageSource> source,
                                              std::vector<int> labels) {
  return std::make_shared<Relabelled>(std::move(source), std::move(labels));
}

std::shared_ptr<const ImageSource> selected(std::shared_ptr<const ImageSource> source,
                                            std::vector<std::size_t> indices) {
  return std::make_shared<Selected>(std::move(source), std::move(indices));
}

std::string few_names(const std::vector<std::string>& names) {
  constexpr std::size_t kFew = 5;
  const std::size_t shown = std::min(names.size(), kFew);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::vector<std::size_t> class_counts(const ImageSource& source, std::size_t classes) {
  std::vector<std::size_t> counts(classes);
  for (std::size_t i = 0; i < source.size(); ++i) ++counts[static_cast<std::size_t>(source.label(i))];
  return counts;
}

void split(Dataset& data, double fraction, std::uint64_t seed, const std::string& where) {
  constexpr double kNoted = 1.5;  // a fraction this many times as large as was asked for
  const std::shared_ptr<const ImageSource> all = data.train;
  std::vector<std::size_t> kept, held;
  std::vector<std::string> uneven;
  std::size_t uneven_held = 0, uneven_images = 0;
  for (const auto& [label, order] : drawn_by_class(*all, seed, 0)) {
    const double exact = fraction * static_cast<double>(order.size());
    const auto wanted = static_cast<std::size_t>(std::lround(exact));
    const std::size_t max = order.size() - 1;
    const std::size_t count = std::min(std::max<std::size_t>(wanted, 1), max);
    for (std::size_t d = 0; d < order.size(); ++d) (d < count ? held : kept).push_back(order[d]);
    if (count == 0 || static_cast<double>(count) <= kNoted * exact) continue;
    uneven.push_back(data.classes[static_cast<std::size_t>(label)]);
    uneven_held += count;
    uneven_images += order.size();
  }
  if (held.empty())
    throw DataError(where, "has one image per class, none can be held out for validation",
                    "add images or train without a validation split");
  if (!uneven.empty()) data.notes.push_back(split_note(fraction, uneven, uneven_held, uneven_images));
  std::sort(kept.begin(), kept.end());
  std::sort(held.begin(), held.end());
  data.train = std::make_shared<Selected>(all, std::move(kept));
  data.validation = std::make_shared<Selected>(all, std::move(held));
  data.validation_from = fmt::format("held out by --val-split {:g}", fraction);
}

void hold_out_known(Dataset& data, bool of_validation,
                    const std::function<std::vector<std::size_t>(const ImageSource&)>& held_out) {
  const std::shared_ptr<const ImageSource> all = of_validation ? data.validation : data.train;
  std::vector<std::size_t> held = held_out(*all), rest;
  for (std::size_t i = 0; i < all->size(); ++i)
    if (!std::ranges::binary_search(held, i)) rest.push_back(i);
  if (!of_validation) data.train = std::make_shared<Selected>(all, std::move(rest));
  data.validation = held.empty() ? nullptr : std::make_shared<Selected>(all, std::move(held));
}

void keep_per_class(Dataset& data, std::size_t max, std::uint64_t seed) {
  std::vector<std::size_t> kept;
  for (const auto& [label, order] : drawn_by_class(*data.train, seed, 1))
    kept.insert(kept.end(), order.begin(),
                order.begin() + static_cast<std::ptrdiff_t>(std::min(max, order.size())));
  std::sort(kept.begin(), kept.end());
  data.train = std::make_shared<Selected>(data.train, std::move(kept));
}

}  // namespace alexnet
