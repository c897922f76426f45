// How a network of Caffe sees images.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "formats/caffe/network_reader.h"

namespace alexnet::caffe {

/// A mean image (.binaryproto) as [channels, height, width] in units of pixel / 255. DataError when it is
/// none of so many channels.
TensorView read_mean_image(const Bytes& file, int channels);

/// What the network says of its images, and what is usual in Caffe where it is silent: each step is an
/// assumption of `origin`. None where nothing is known of the mean. `family` is set for BVLC's own networks,
/// whose mean is known. `mean_image` has no values if there is none. DataError naming `where` when it does
/// not fit.
std::optional<Preprocessing> read_preparation(const ReadNetwork& network, TensorView mean_image,
                                              Origin& origin, const std::string& where);

}  // namespace alexnet::caffe
