// AlexNet and its family: networks by name.
#pragma once

#include <span>
#include <string_view>

#include "alexnet/export.h"
#include "alexnet/network.h"

namespace alexnet {

struct Preset {
  std::string_view name;
  /// What it was made for: input width and height, colours, classes. Others work too, as far as pixels last.
  int size = 227, channels = 3, classes = 1000;
  std::string_view about;     // what sets it apart, one sentence
  std::string_view source;    // where its description is published
  std::string_view accuracy;  // as published there; empty: nothing was
  /// For images of width x height x depth; l2(reg) on kernels. UsageError as alexnet::build(), which is the
  /// first of them.
  NetworkSpec (*build)(int width, int height, int depth, int classes, double reg) = nullptr;
};

/// "article" first.
ALEXNET_API std::span<const Preset> presets();

/// UsageError listing the presets when there is none of that name.
ALEXNET_API const Preset& find_preset(std::string_view name);

}  // namespace alexnet
