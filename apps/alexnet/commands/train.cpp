// alexnet train: a network learns from labelled images. Its flags are the settings of the library.
#include "alexnet/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/stop_signal.h"
#include "console/train_view.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string data, resume, config, recipe;
  /// Settings given as flags, in the order of the table.
  std::vector<std::pair<const Setting*, std::string>> given;
  bool json = false;
};

TrainConfig resolve(const Options& options) {
  TrainConfig config;
  if (!options.recipe.empty()) apply_recipe(config, options.recipe);
  if (!options.config.empty()) apply_config_file(config, options.config);
  // A run's config.json has both, and they are the same: another size is another crop.
  if (std::ranges::any_of(options.given, [](const auto& flag) { return flag.first->name == "size"; }))
    config.crop = 0;
  for (const auto& [setting, text] : options.given) setting->set(config, text);
  if (!options.data.empty()) config.data = options.data;
  if (config.data.empty())
    throw UsageError("train", "no data is given", "name a folder of class folders, or --resume RUN_DIR");
  validate(config);
  return config;
}

/// What is given beside --resume.
std::vector<SettingChange> changes(const Options& options) {
  if (!options.config.empty() || !options.recipe.empty())
    throw UsageError(options.config.empty() ? "--recipe" : "--config", "cannot be combined with --resume",
                     "the run folder holds all settings: leave it out");
  std::vector<SettingChange> all;
  if (!options.data.empty()) all.emplace_back("data", options.data);
  for (const auto& [setting, text] : options.given) all.emplace_back(setting->name, text);
  return all;
}

int run_train(const Options& options) {
  const bool resumed = !options.resume.empty();
  const std::vector<SettingChange> changed = resumed ? changes(options) : std::vector<SettingChange>{};
  TrainConfig config = resumed ? TrainConfig{} : resolve(options);
  start_from_zoo(config);
  TrainView view(options.json);
  const std::atomic<bool>& stop = catch_stop_signals();
  return view.finish(resumed ? resume(options.resume, changed, view, &stop) : train(config, view, &stop));
}

/// The settings that --resume accepts, as flags.
std::string resumable_flags() {
  std::string flags = "--data";
  for (const Setting& setting : train_settings())
    if (setting.resumable) flags += fmt::format(", --{}", setting.name);
  return flags;
}

void add_setting(CLI::App* command, const Setting& setting, const std::shared_ptr<Options>& options) {
  const std::string flag = "--" + std::string(setting.name);
  const std::string group(setting.group), help(setting.help);
  const auto take = [options, &setting](const std::string& text) {
    options->given.emplace_back(&setting, text);
  };
  if (setting.value.empty()) {
    command
        ->add_flag_callback(
            flag, [take] { take(""); }, help)
        ->group(group);
    return;
  }
  command->add_option_function<std::string>(flag, take, help)
      ->type_name(std::string(setting.value))
      ->default_str(setting.get(TrainConfig{}))
      ->group(group);
}

}  // namespace

void add_train(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "train",
      "Train the network on labelled images\n\nDATA is a folder with a folder of images per class (or "
      "train/ "
      "and val/ of such), a .zip, .tar or .tar.gz of the same, a .csv list of files and classes, or a folder "
      "with IDX files or the binary files of CIFAR. The run folder gets the "
      "models, metrics, charts and all settings. Ctrl-C saves a checkpoint; --resume resumes from it.");
  command->add_option("DATA,--data", options->data, "images with known classes");
  command
      ->add_option("--resume", options->resume,
                   "resume an interrupted run, or train a finished one further (--epochs). Settings that "
                   "may change: " +
                       resumable_flags())
      ->type_name("RUN_DIR");
  command->add_option("--config", options->config, "settings from a .toml or .json file; flags override it")
      ->type_name("FILE");
  command
      ->add_option("--recipe", options->recipe,
                   "all settings of the paper of 2012 at once; --config and flags override it")
      ->type_name("paper");
  add_json(command, options->json, "a JSON object per epoch, one per line, instead of a table");
  for (const Setting& setting : train_settings()) add_setting(command, setting, options);
  command->callback([options, &run] { run = [options] { return run_train(*options); }; });
}

}  // namespace alexnet::cli
