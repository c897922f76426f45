#include "cli/options.h"

#include "alexnet/classifier.h"
#include "alexnet/error.h"

namespace alexnet::cli {

void add_json(CLI::App* command, bool& json, const std::string& help) {
  command->add_flag("--json", json, help);
}

void Computing::add_to(CLI::App* command) {
  command->add_option("--threads", threads, "compute threads; 0: all processors")
      ->type_name("N")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--engine", engine, "cpu, or reference: plain loops, slow, the definition of right")
      ->check(CLI::IsMember({"cpu", "reference"}))
      ->capture_default_str()
      ->type_name("NAME");
}

void Computing::apply() const {
  if (threads > 0) set_threads(threads);
}

void add_model(CLI::App* command, std::string& model) {
  command->add_option("MODEL", model, "a model file (.safetensors), or the folder of a training run")
      ->required();
}

std::filesystem::path model_file(const std::string& model) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path path(model);
  if (!fs::is_directory(path, error)) return path;
  for (const char* name : {"best.safetensors", "last.safetensors"})
    if (fs::exists(path / name, error)) return path / name;
  throw DataError(model, "is a folder without a model",
                  "name a .safetensors file, or the folder of a training run");
}

}  // namespace alexnet::cli
