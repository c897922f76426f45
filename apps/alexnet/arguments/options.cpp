#include "arguments/options.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "alexnet/engines.h"
#include "alexnet/error.h"
#include "alexnet/threads.h"
#include "alexnet/train.h"

namespace alexnet::cli {

void add_json(CLI::App* command, bool& json, const std::string& help) {
  command->add_flag("--json", json, help);
}

CLI::Option* add_count(CLI::App* command, const std::string& flag, int& value, int min, int max,
                       const std::string& help) {
  // The range is left out of the help text.
  CLI::Option* option =
      command->add_option(flag, value, help)->type_name("N")->check(CLI::Range(min, max).description(""));
  if (value >= min) option->capture_default_str();
  return option;
}

void add_threads(CLI::App* command, int& threads, const std::string& what) {
  constexpr int kMaxThreads = 4096;
  add_count(command, "--threads", threads, 0, kMaxThreads, what + "; 0: all processors that may be used");
}

void add_preset(CLI::App* command, std::string& preset) {
  command->add_option("--preset", preset, "network; alexnet presets lists them")
      ->type_name("NAME")
      ->capture_default_str();
}

void Computing::add_to(CLI::App* command) {
  add_threads(command, threads);
  const std::vector<std::string> engines = engine_names();
  command->add_option("--engine", engine, "reference: plain loops, slow, for comparison")
      ->type_name(fmt::format("{}", fmt::join(engines, "|")))
      ->check(CLI::IsMember(engines).description(""))
      ->capture_default_str();
}

void Computing::add_precision_to(CLI::App* command) {
  command
      ->add_option("--precision", precision,
                   "bf16, int8: weights of fully connected layers are rounded in batches of up to 8 images, "
                   "which is faster and a little less exact; on processors with AMX, bf16 holds in "
                   "batches of any size and rounds activations too")
      ->type_name("f32|bf16|int8")
      ->check(CLI::IsMember({"f32", "bf16", "int8"}).description(""))
      ->capture_default_str();
}

void Computing::apply() const {
  if (threads > 0) set_threads(threads);
}

void add_model(CLI::App* command, std::string& model) {
  command
      ->add_option("MODEL", model,
                   "a model file (.safetensors), the folder of a training run, or a network of 'alexnet zoo'")
      ->required();
}

}  // namespace alexnet::cli
