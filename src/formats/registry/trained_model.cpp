#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "base/run_file_names.h"

namespace alexnet {

std::optional<std::filesystem::path> trained_model(const std::filesystem::path& run) {
  std::error_code error;
  for (const char* name : {kBestModel, kLastModel})
    if (std::filesystem::path model = run / name; std::filesystem::exists(model, error)) return model;
  return std::nullopt;
}

std::filesystem::path model_file(const std::filesystem::path& model) {
  std::error_code error;
  if (!std::filesystem::is_directory(model, error)) return model;
  if (auto trained = trained_model(model)) return *std::move(trained);
  throw DataError(model.string(), "is a folder without a model",
                  "name a .safetensors file, or the folder of a training run");
}

}  // namespace alexnet
