// Images that are looked at while something else loads them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/dataset.h"
#include "report/near_duplicates.h"

namespace alexnet {

/// At most `max` images of a source, spread evenly over it. Keeps how each looks when it is loaded, so
/// that a test of a model and the search for duplicates decode every image once.
class StudiedSource final : public ImageSource {
 public:
  StudiedSource(std::shared_ptr<const ImageSource> source, std::size_t max)
      : source_(std::move(source)), size_(std::min(source_->size(), max)), looks_(size_) {}

  std::size_t size() const override { return size_; }
  int label(std::size_t i) const override { return source_->label(original(i)); }
  std::string name(std::size_t i) const override { return source_->name(original(i)); }
  Image load(std::size_t i, int channels) const override {
    Image image = source_->load(original(i), channels);
    looks_[i] = look_of(image);
    return image;
  }

  std::size_t encoded_size(std::size_t i) const override { return source_->encoded_size(original(i)); }
  Bytes encoded(std::size_t i) const override { return source_->encoded(original(i)); }

  /// How image i looked when it was last loaded; images are loaded by one thread each.
  const std::optional<Look>& look(std::size_t i) const { return looks_[i]; }

 private:
  std::size_t original(std::size_t i) const { return i * source_->size() / size_; }

  std::shared_ptr<const ImageSource> source_;
  std::size_t size_;
  mutable std::vector<std::optional<Look>> looks_;
};

}  // namespace alexnet
