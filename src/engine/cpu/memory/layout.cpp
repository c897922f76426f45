#include "engine/cpu/memory/layout.h"

#include <algorithm>

#include "base/parallel.h"

namespace alexnet::cpu {
namespace {

/// Calls row(blocked pixels of a channel, stride between them, n, channel) for every image and channel.
template <class Row>
void for_each_channel(const Layout& layout, Row&& row) {
  const auto block = static_cast<std::size_t>(layout.block);
  const std::int64_t channels = std::int64_t{layout.blocks()} * layout.block;
  parallel_for(layout.batch * channels, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto n = static_cast<std::size_t>(i / channels), c = static_cast<std::size_t>(i % channels);
      row(n * layout.image() + c / block * layout.pixels() * block + c % block, n, c);
    }
  });
}

/// The same for copies to and from an image of [C][pixels] whose images lie `image` floats apart.
void gather(const Layout& layout, const float* blocked, float* plain, std::size_t image) {
  const auto channels = static_cast<std::size_t>(layout.extent.channels);
  const auto block = static_cast<std::size_t>(layout.block);
  for_each_channel(layout, [&](std::size_t start, std::size_t n, std::size_t c) {
    if (c >= channels) return;
    const float* from = blocked + start;
    float* to = plain + n * image + c * layout.pixels();
    for (std::size_t p = 0; p < layout.pixels(); ++p) to[p] = from[p * block];
  });
}

void scatter(const Layout& layout, const float* plain, float* blocked, std::size_t image) {
  const auto channels = static_cast<std::size_t>(layout.extent.channels);
  const auto block = static_cast<std::size_t>(layout.block);
  for_each_channel(layout, [&](std::size_t start, std::size_t n, std::size_t c) {
    float* to = blocked + start;
    const float* from = plain + n * image + c * layout.pixels();
    for (std::size_t p = 0; p < layout.pixels(); ++p) to[p * block] = c < channels ? from[p] : 0.0F;
  });
}

}  // namespace

void to_plain(const Layout& layout, const float* blocked, float* plain) {
  gather(layout, blocked, plain, static_cast<std::size_t>(layout.extent.size()));
}

void to_blocked(const Layout& layout, const float* plain, float* blocked) {
  scatter(layout, plain, blocked, static_cast<std::size_t>(layout.extent.size()));
}

void clear_padding(const Layout& layout, float* blocked) {
  const auto channels = static_cast<std::size_t>(layout.extent.channels);
  const auto block = static_cast<std::size_t>(layout.block);
  for_each_channel(layout, [&](std::size_t start, std::size_t, std::size_t c) {
    if (c < channels) return;
    for (std::size_t p = 0; p < layout.pixels(); ++p) blocked[start + p * block] = 0.0F;
  });
}

void flatten(const Layout& spatial, const Layout& flat, const float* from, float* to) {
  gather(spatial, from, to, flat.image());
  const auto used = static_cast<std::size_t>(spatial.extent.size());
  for (std::size_t n = 0; n < static_cast<std::size_t>(flat.batch); ++n)
    std::fill(to + n * flat.image() + used, to + (n + 1) * flat.image(), 0.0F);
}

void unflatten(const Layout& spatial, const Layout& flat, const float* from, float* to) {
  scatter(spatial, from, to, flat.image());
}

}  // namespace alexnet::cpu
