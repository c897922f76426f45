// The images that a run shows of itself. None in a program that was built without charts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "alexnet/evaluate.h"
#include "charts/sheet.h"
#include "data/loader/loader.h"
#include "tensorboard/event_file.h"
#include "train/plan/plan.h"

namespace alexnet {

/// The first images of a batch as the network gets them, with their classes.
std::optional<EventImage> batch_sheet(const Batch& batch, const Plan& plan);

/// The validation images that the network was surest of and wrong about, with the class it took them for
/// and their own. None where every one is right.
std::optional<EventImage> mistakes_sheet(const Evaluation& validation, const Plan& plan);

/// The kernels of the first convolution, see kernel_images(). None where there are none to be shown.
struct FilterSheet {
  std::string layer;
  std::size_t count = 0;
  int side = 0;  // of a kernel, in pixels
  SheetFile sheet;
};
std::optional<FilterSheet> filter_sheet(const Model& model);

}  // namespace alexnet
