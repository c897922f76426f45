// What the images of a source are like: statistics that they are normalised and varied with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {

/// Mean and standard deviation per channel (units of pixel / 255) over at most `sample` images of the source,
/// chosen by `seed`, scaled and centre-cropped as `preprocessing` says. Images that cannot be read are passed
/// over.
struct ChannelStatistics {
  std::vector<float> mean, stddev;
};
ChannelStatistics measure_channels(const ImageSource& source, const Preprocessing& preprocessing,
                                   int channels, std::uint64_t seed, std::size_t sample, int workers);

/// The principal axes of the colours of those images' pixels, each as long as the standard deviation along
/// it, the longest first: nine numbers, red, green and blue of each, in units of pixel / 255. (The paper's
/// words scale with the eigenvalues, its program, convdata_jpeg.py, with their roots; so does this.)
std::vector<float> measure_colour_axes(const ImageSource& source, const Preprocessing& preprocessing,
                                       std::uint64_t seed, std::size_t sample, int workers);

}  // namespace alexnet
