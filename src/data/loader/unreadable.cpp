#include "data/loader/unreadable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "alexnet/error.h"

namespace alexnet {

bool Unreadable::look_at(std::size_t i) {
  const std::lock_guard lock(mutex_);
  if (!looked_at_.empty() && !looked_at_[i]) {
    looked_at_[i] = true;
    judged_ = std::max(judged_, ++looked_at_count_);
  }
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
  return bad_.size() == images_;
}

std::vector<BadImage> Unreadable::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<BadImage> list;
  for (const auto& [index, bad] : bad_) list.push_back(bad);
  return list;
}

/// Of n images out of N, of which the fraction p is bad, n p are, give or take the standard deviation
/// sqrt(n p (1 - p) (N - n) / N) of draws without replacement: nothing where all were looked at.
double Unreadable::allowed() const {
  constexpr double kStddevs = 3;
  const auto all = static_cast<double>(images_), judged = static_cast<double>(judged_);
  const double expected = max_bad_ * judged;
  if (judged_ == images_) return expected;
  return expected + kStddevs * std::sqrt(expected * (1 - max_bad_) * (all - judged) / all);
}

void Unreadable::check_locked() const {
  constexpr std::size_t kNamed = 3;
  if (bad_.empty()) return;
  if (strict_) {
    const BadImage& first = bad_.begin()->second;
    throw DataError(first.name, first.reason, "repair or remove it, or train without --strict");
  }
  if (static_cast<double>(bad_.size()) <= allowed()) return;
  std::string examples;
  std::size_t named = 0;
  for (auto it = bad_.begin(); it != bad_.end() && named < kNamed; ++it, ++named)
    examples += fmt::format("{}{}: {}", named == 0 ? "" : ", ", it->second.name, it->second.reason);
  throw DataError("images",
                  fmt::format("{} of {} cannot be read, more than the {:g} % allowed ({}{})", bad_.size(),
                              judged_, 100 * max_bad_, examples, bad_.size() > kNamed ? ", ..." : ""),
                  "repair or remove them, or raise --max-bad");
}

}  // namespace alexnet
