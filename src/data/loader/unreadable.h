// The images of a source that could not be read, and how many of them are too many.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "data/loader/loader.h"

namespace alexnet {

/// Thread-safe.
class Unreadable {
 public:
  /// `part`: how many of the `images` are looked at in an epoch. `strict`: one is an error; otherwise too
  /// many as LoaderOptions::max_bad has it.
  Unreadable(std::size_t images, std::size_t part, bool strict, double max_bad)
      : images_(images),
        strict_(strict),
        max_bad_(max_bad),
        judged_(part),
        looked_at_(part < images ? images : 0) {}

  /// Notes that an image is looked at. Whether it is known that it cannot be read.
  bool look_at(std::size_t i);
  /// Notes an image, once. DataError when that is one too many.
  void add(BadImage bad);
  /// DataError when there are too many.
  void check() const;
  /// Whether nothing is left that might be read.
  bool all() const;
  /// In the order of their index.
  std::vector<BadImage> list() const;

 private:
  void check_locked() const;
  double allowed() const;
  const std::size_t images_;
  const bool strict_;
  const double max_bad_;
  mutable std::mutex mutex_;
  std::size_t judged_;  // images among which the bad ones count
  std::size_t looked_at_count_ = 0;
  std::vector<bool> looked_at_;  // empty: all are, in every epoch
  std::map<std::size_t, BadImage> bad_;
};

}  // namespace alexnet
