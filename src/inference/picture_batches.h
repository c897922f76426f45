// Picture files on their way into a network, a batch at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

/// Prepared pictures [files.size(), channels, height, width]; row i is worth nothing where errors[i] is not
/// empty.
struct PictureBatch {
  std::size_t first = 0;  // place of files[0] in the whole list
  std::span<const std::filesystem::path> files;
  std::vector<float> inputs;
  std::vector<std::string> errors;
};

/// Calls body with all files in order, at most `batch` (at least 1) at a time, prepared as the model says.
/// They are read on as many threads as there are to compute with, the next batch while `body` works on one.
void for_each_batch(const Model& model, std::span<const std::filesystem::path> files, std::size_t batch,
                    const std::function<void(const PictureBatch&)>& body);

/// UsageError when the network takes something else than pictures of 1 or 3 channels.
void check_takes_pictures(const NetworkSpec& spec);

}  // namespace alexnet
