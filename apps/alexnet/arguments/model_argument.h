// What a MODEL argument stands for.
#pragma once

#include <filesystem>
#include <string>

#include "alexnet/train.h"
#include "alexnet/zoo.h"

namespace alexnet::cli {

/// How files are fetched: with a progress bar.
FetchOptions fetch_with_bar();

/// The model file of what a person names: of a network of the zoo, fetched if need be, where there is no file
/// or folder of this name; else as model_file().
std::filesystem::path find_model(const std::string& model);

/// Where a run starts from the weights of a network of the zoo: names their file, and chooses the preset of
/// that network instead of the default.
void start_from_zoo(TrainConfig& config);

}  // namespace alexnet::cli
