// The pictures of a source that could not be read, and how many of them are too many.
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
  /// `strict`: one is an error; otherwise more than the share `max_bad` of `pictures`.
  Unreadable(std::size_t pictures, bool strict, double max_bad)
      : pictures_(pictures), strict_(strict), max_bad_(max_bad) {}

  bool contains(std::size_t i) const;
  /// Notes a picture, once. DataError when that is one too many.
  void add(BadImage bad);
  /// DataError when there are too many.
  void check() const;
  /// Whether nothing is left that might be read.
  bool all() const;
  /// In the order of their index.
  std::vector<BadImage> list() const;

 private:
  void check_locked() const;
  std::size_t pictures_;
  bool strict_;
  double max_bad_;
  mutable std::mutex mutex_;
  std::map<std::size_t, BadImage> bad_;
};

}  // namespace alexnet
