// AlexNet and its family: networks by name.
#pragma once

#include <span>
#include <string_view>

#include "alexnet/export.h"
#include "alexnet/network.h"

namespace alexnet {

/// A network of the family, built for any size of image and number of classes.
struct Preset {
  std::string_view name;      ///< as find_preset() takes it
  int size = 227,             ///< width and height that it was made for, in pixels
      channels = 3,           ///< channels that it was made for
      classes = 1000;         ///< number of classes that it was made for
  std::string_view about;     ///< how it differs from the others, in a few words
  std::string_view source;    ///< where its description is published
  std::string_view accuracy;  ///< as published there; empty: nothing was
  /// For images of width x height x depth; l2(reg) on kernels. UsageError as alexnet::build(), which is the
  /// first of them.
  NetworkSpec (*build)(int width, int height, int depth, int classes, double reg) = nullptr;
};

/// All presets, "article" first.
ALEXNET_API std::span<const Preset> presets();

/// The preset of that name. UsageError listing the presets when there is none of that name.
ALEXNET_API const Preset& find_preset(std::string_view name);

}  // namespace alexnet
