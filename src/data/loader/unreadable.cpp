#include "data/loader/unreadable.h"

#include <fmt/format.h>

#include <utility>

#include "alexnet/error.h"

namespace alexnet {

bool Unreadable::contains(std::size_t i) const {
  const std::lock_guard lock(mutex_);
  return bad_.contains(i);
}

void Unreadable::add(BadImage bad) {
  const std::lock_guard lock(mutex_);
  const std::size_t index = bad.index;
  bad_.emplace(index, std::move(bad));
  check_locked();
}

void Unreadable::check() const {
  const std::lock_guard lock(mutex_);
  check_locked();
}

bool Unreadable::all() const {
  const std::lock_guard lock(mutex_);
  return bad_.size() == pictures_;
}

std::vector<BadImage> Unreadable::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<BadImage> list;
  for (const auto& [index, bad] : bad_) list.push_back(bad);
  return list;
}

void Unreadable::check_locked() const {
  constexpr std::size_t kNamed = 3;
  if (bad_.empty()) return;
  if (strict_) {
    const BadImage& first = bad_.begin()->second;
    throw DataError(first.name, first.reason, "repair or remove it, or go on without --strict");
  }
  if (static_cast<double>(bad_.size()) <= max_bad_ * static_cast<double>(pictures_)) return;
  std::string examples;
  std::size_t named = 0;
  for (auto it = bad_.begin(); it != bad_.end() && named < kNamed; ++it, ++named)
    examples += fmt::format("{}{}: {}", named == 0 ? "" : ", ", it->second.name, it->second.reason);
  throw DataError("pictures",
                  fmt::format("{} of {} cannot be read, more than the {:g} % allowed ({}{})", bad_.size(),
                              pictures_, 100 * max_bad_, examples, bad_.size() > kNamed ? ", ..." : ""),
                  "repair or remove them, or raise --max-bad");
}

}  // namespace alexnet
