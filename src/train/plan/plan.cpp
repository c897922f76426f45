#include "train/plan/plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/presets.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "base/parallel.h"
#include "data/sources/class_name.h"
#include "data/sources/measure.h"
#include "data/sources/selection.h"
#include "engine/registry/registry.h"
#include "fmt/format.h"
#include "image/preparation.h"
#include "model/variations.h"
#include "text/text.h"
#include "train/plan/class_weights.h"
#include "train/plan/resolve_features.h"
#include "train/plan/run_identity.h"
#include "train/transfer/freeze.h"
#include "train/transfer/start_weights.h"

namespace alexnet {
namespace {

std::string absolute(const std::string& path) { return path.empty() ? path : one_spelling(path).string(); }

/// JSON gives no other text back as it was: a path in config.json would lead nowhere, a class in a model
/// would be none of the data's.
bool is_utf8(const std::string& text) {
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

bool is_gray(const Image& image) {
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3)
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2]) return false;
  return true;
}

/// 1 when every one of some images of each class is gray, else 3.
int channels_of(const Dataset& data) {
  constexpr std::size_t kLooks = 32, kLooksPerClass = 4;
  std::vector<std::vector<std::size_t>> images(data.classes.size());
  for (std::size_t i = 0; i < data.train->size(); ++i)
    images[static_cast<std::size_t>(data.train->label(i))].push_back(i);
  const std::size_t looks = std::max(kLooksPerClass, kLooks / images.size());
  bool gray = false;
  for (std::size_t look = 0; look < looks; ++look)
    for (const std::vector<std::size_t>& of_class : images) {
      if (of_class.empty()) continue;
      try {
        if (!is_gray(data.train->load(of_class[look * of_class.size() / looks], 3))) return 3;
        gray = true;
      } catch (const DataError&) {  // the loader will name it
      }
    }
  return gray ? 1 : 3;
}

/// Returns whether images are scaled to the size that those of the model were scaled to.
bool resolve_sizes(TrainConfig& config, const std::optional<StoredWeights>& init) {
  if (config.size == 0) config.size = config.crop;
  const Preprocessing* given = init && init->preprocessing ? &*init->preprocessing : nullptr;
  if (config.size == 0) config.size = given != nullptr ? given->crop_width : find_preset(config.preset).size;
  config.crop = config.size;
  const bool same_crop = given != nullptr && given->crop_width == config.crop;
  if (config.resize != 0) return same_crop && given->resize == Resize(config.resize);
  if (same_crop)
    config.resize = given->resize.short_side();
  else if (config.augment == "none")
    config.resize = config.size;
  else
    config.resize = static_cast<int>(std::lround(config.size * 256.0 / 227.0));
  return same_crop;
}

/// What settings do not say of the preparation of images comes from a model: the one of --init, or that of a
/// resumed run.
void take_preparation(Plan& plan, const Preprocessing& from, bool same_size) {
  const TrainConfig& config = plan.config;
  Preprocessing& to = plan.preprocessing;
  to.bgr = from.bgr;
  to.interpolation = from.interpolation;
  to.antialias = from.antialias;
  to.floor_crop = from.floor_crop;
  if (same_size && !from.resize.keeps_shape) {
    to.resize = from.resize;
    plan.notes.push_back(
        fmt::format("images are scaled to {}, whatever their shape, as for the model", to_string(to.resize)));
  }
  if (from.mean_image.values.empty() || (!config.mean.empty() && config.mean != from.mean)) return;
  to.mean_image = from.mean_image;
  if (mean_image_fits(to, config.channels)) return;
  to.mean_image = {};
  plan.notes.push_back(
      fmt::format("the mean image of the model, {}, has another size: its average is subtracted",
                  to_string(from.mean_image.shape)));
}

/// What measure_channels() cannot say of images that are all of one level must not divide by 0.
std::vector<float> usable(std::vector<float> stddev) {
  for (float& d : stddev)
    if (!(d > 1e-6F)) d = 1.0F;
  return stddev;
}

constexpr std::size_t kSample = 2000;  // images that are measured

void resolve_channel_statistics(Plan& plan, const std::optional<StoredWeights>& init, bool same_size) {
  TrainConfig& config = plan.config;
  const auto channels = static_cast<std::size_t>(config.channels);
  if (init && init->preprocessing && init->preprocessing->mean.size() == channels) {
    take_preparation(plan, *init->preprocessing, same_size);
    if (config.mean.empty()) config.mean = init->preprocessing->mean;
    if (config.stddev.empty()) config.stddev = init->preprocessing->stddev;
  }
  if (config.mean.empty() || config.stddev.empty()) {
    const ChannelStatistics measured = measure_channels(*plan.data.train, plan.preprocessing, config.channels,
                                                        config.seed, kSample, config.workers);
    if (config.mean.empty()) config.mean = measured.mean;
    if (config.stddev.empty()) config.stddev = usable(measured.stddev);
  }
  if (config.mean.size() != channels || config.stddev.size() != channels)
    throw UsageError(
        "--mean, --std",
        fmt::format("{} and {} values for {} channels", config.mean.size(), config.stddev.size(), channels),
        "give one value per channel");
  plan.preprocessing.mean = config.mean;
  plan.preprocessing.stddev = config.stddev;
}

void resolve_colour(Plan& plan) {
  TrainConfig& config = plan.config;
  if (config.colour > 0 && config.channels != 3) {
    config.colour = 0;
    plan.notes.emplace_back("the images are gray: --colour has no effect");
  }
  if (config.colour > 0 && config.colour_axes.empty())
    config.colour_axes =
        measure_colour_axes(*plan.data.train, plan.preprocessing, config.seed, kSample, config.workers);
}

/// The rates of the network's dropout layers, those of the settings where given.
void resolve_dropout(Plan& plan) {
  std::vector<Dropout*> layers;
  for (Layer& layer : plan.spec.layers)
    if (auto* dropout = std::get_if<Dropout>(&layer.kind)) layers.push_back(dropout);
  std::vector<float>& rates = plan.config.dropout;
  if (rates.size() == 1) rates.resize(layers.size(), rates[0]);
  if (!rates.empty() && rates.size() != layers.size())
    throw UsageError("--dropout",
                     fmt::format("has {} rates for {} dropout layers", rates.size(), layers.size()),
                     "give one rate for all, or one for each");
  for (std::size_t i = 0; i < rates.size(); ++i) layers[i]->rate = rates[i];
  rates.clear();
  for (const Dropout* layer : layers) rates.push_back(layer->rate);
}

void resolve_variations(Plan& plan) {
  using Kind = Activation::Kind;
  const TrainConfig& config = plan.config;
  NetworkSpec& spec = plan.spec;
  if (config.width_factor != 1) set_width(spec, config.width_factor);
  if (const std::string& wanted = config.activation; wanted != "preset")
    set_activation(spec, wanted == "relu" ? Kind::kRelu : wanted == "tanh" ? Kind::kTanh : Kind::kSigmoid);
  if (config.pooling != "preset") set_pooling(spec, config.pooling == "plain" ? 2 : 3);
  if (config.normalisation == "none") set_normalisation(spec, std::nullopt);
  if (config.normalisation == "batch") set_normalisation(spec, BatchNorm{});
  if (config.normalisation == "response") set_normalisation(spec, Lrn{});
  if (config.towers != 0) set_towers(spec, config.towers);
}

/// The layer that tells the classes apart: the last one with weights.
std::string head_of(const NetworkSpec& spec) {
  std::string head;
  for (const Layer& layer : spec.layers)
    if (std::holds_alternative<Dense>(layer.kind) || std::holds_alternative<Conv>(layer.kind))
      head = layer.name;
  return head;
}

/// Whether the outputs of the model stand for other classes than those of the data.
bool knows_others(const StoredWeights& model, const Dataset& data) {
  return !data.numbered && model.classes.size() == data.classes.size() &&
         composed(model.classes) != data.classes;
}

/// Tensors of the model replace those of the same name and shape. The head for other classes starts anew.
void take_weights(Plan& plan, const StoredWeights& model) {
  constexpr std::size_t kNamed = 6;
  const bool others = knows_others(model, plan.data);
  const std::string head = head_of(plan.spec);
  std::size_t taken = 0;
  std::vector<std::string> left;
  for (auto& [name, tensor] : plan.weights) {
    const auto found = model.weights.find(name);
    if (found == model.weights.end()) {
      left.push_back(name + " (not in the model)");
    } else if (found->second.shape != tensor.shape) {
      left.push_back(fmt::format("{} ({} in the model, {} here)", name, to_string(found->second.shape),
                                 to_string(tensor.shape)));
    } else if (others && name.starts_with(head + ".")) {
      left.push_back(name + " (for other classes)");
    } else {
      tensor = found->second;
      ++taken;
    }
  }
  if (taken == 0)
    throw UsageError("--init", plan.config.init + " has no tensor that fits this network",
                     "give a model of the same network, or leave --init out");
  std::string note =
      fmt::format("loaded {} of {} tensors from {}", taken, plan.weights.size(), plan.config.init);
  const std::size_t rest = left.size() > kNamed ? left.size() - kNamed : 0;
  left.resize(left.size() - rest);
  if (!left.empty()) note += fmt::format("; initialised instead: {}", fmt::join(left, ", "));
  if (rest > 0) note += fmt::format(" and {} more", rest);
  plan.notes.push_back(note);
  if (others)
    plan.notes.push_back(
        fmt::format("the model tells other classes apart ({}) than the data has ({}): {} starts anew",
                    few_names(model.classes), few_names(plan.data.classes), head));
  for (const std::string& other : disagreements(model, plan.spec)) plan.notes.push_back(other);
}

void resolve_batch(Plan& plan) {
  const std::size_t available = plan.data.train->size();
  if (static_cast<std::size_t>(plan.config.batch) <= available) return;
  plan.notes.push_back(fmt::format("the training set has {0} images: the batch size is {0} instead of {1}",
                                   available, plan.config.batch));
  plan.config.batch = static_cast<int>(available);
}

void resolve_engine(Plan& plan) {
  TrainConfig& config = plan.config;
  plan.engine = &find_engine(config.engine);
  PrecisionChoice choice = choose_precision(*plan.engine, precision_from_string(config.precision), true);
  plan.precision = choice.precision;
  config.precision = to_string(choice.precision);
  if (!choice.note.empty()) plan.notes.push_back(std::move(choice.note));
}

AugmentOptions augment_options(const TrainConfig& config) {
  return {.crops = config.augment == "none"      ? Augment::kNone
                   : config.augment == "resized" ? Augment::kResized
                                                 : Augment::kArticle,
          .min_area = config.min_area,
          .colour = config.colour,
          .colour_axes = config.colour_axes,
          .jitter = config.jitter,
          .cutout = config.cutout};
}

Cache cache_from_string(const std::string& name) {
  return name == "ram" ? Cache::kRam : name == "off" ? Cache::kOff : Cache::kAuto;
}

UpdateRule update_rule(const TrainConfig& config, const NetworkSpec& spec) {
  return {
      .optimizer = config.optimizer == "sgd" ? UpdateRule::Optimizer::kSgd : UpdateRule::Optimizer::kAdamW,
      .momentum = config.momentum,
      .beta1 = config.beta1,
      .beta2 = config.beta2,
      .epsilon = config.adam_epsilon,
      .weight_decay = config.weight_decay,
      .bias_lr = config.bias_lr,
      .layer_lr = layer_rates(spec, config.layer_lr),
      .clip = config.clip,
      .average = config.ema};
}

Schedule schedule_from_string(const std::string& name) {
  return name == "step"      ? Schedule::kStep
         : name == "cosine"  ? Schedule::kCosine
         : name == "plateau" ? Schedule::kPlateau
                             : Schedule::kConstant;
}

/// From the names in the settings to what they mean. The settings are otherwise resolved.
void resolve_names(Plan& plan) {
  const TrainConfig& config = plan.config;
  plan.update = update_rule(config, plan.spec);
  plan.schedule = schedule_from_string(config.schedule);
  plan.augment = augment_options(config);
  plan.cache = cache_from_string(config.cache);
  plan.convolution = convolution_from_string(config.convolution);
  plan.measures_statistics = config.bn_statistics == "measured";
  plan.frozen = frozen_layers(plan.spec, config.freeze);
  plan.class_weights = class_weights(config.class_weights, *plan.data.train, plan.data.classes.size());
}

/// Settings that would do nothing, and nothing would show it.
void check_effect(const Plan& plan) {
  const TrainConfig& config = plan.config;
  if (config.early_stop > 0 && !plan.data.validation)
    throw UsageError("--early-stop", "needs validation images, and there are none",
                     "give some with --val or --val-split, or give --early-stop 0");
  if (config.batch >= 2) return;
  for (std::size_t layer = 0; layer < plan.spec.layers.size(); ++layer)
    if (std::holds_alternative<BatchNorm>(plan.spec.layers[layer].kind) && !plan.frozen[layer])
      throw UsageError("--batch",
                       fmt::format("{} is too few images for the batch normalisation in {}: it subtracts the "
                                   "mean of the batch",
                                   config.batch, plan.spec.layers[layer].name),
                       "give 2 or more");
}

LoaderOptions loader_options(const Plan& plan) {
  const TrainConfig& config = plan.config;
  return {.preprocessing = plan.preprocessing,
          .channels = config.channels,
          .batch = config.batch,
          .seed = config.seed,
          .workers = config.workers,
          .cache = plan.cache,
          .strict = config.strict,
          .max_bad = config.max_bad};
}

void note_random_layers(Plan& plan) {
  if (plan.config.freeze.empty() || !plan.config.init.empty()) return;
  plan.notes.push_back(fmt::format(
      "--freeze {} without --init: these layers keep random weights, which no training has changed",
      plan.config.freeze));
}

}  // namespace

Plan plan_run(const TrainConfig& given, const NetworkBuilder& builder, const PlanOptions& options) {
  validate(given);
  const bool resumed = options.resumed != nullptr;
  Plan plan;
  plan.config = given;
  TrainConfig& config = plan.config;
  config.data = absolute(config.data);
  config.validation = absolute(config.validation);
  if (!resumed && !config.init.empty()) config.init = model_file(config.init).string();
  config.init = absolute(config.init);
  for (const std::string& path : {config.data, config.validation, config.init})
    if (!is_utf8(path)) throw DataError(path, "has a name that is not UTF-8", "rename it");
  set_thread_count_of_run(config.threads);
  config.threads = thread_count();

  std::optional<StoredWeights> init;
  if (!resumed && !config.init.empty()) init = load_weights(config.init);
  plan.data = open_dataset(config.data, {.validation = config.validation,
                                         .validation_split = config.validation_split,
                                         .per_class = static_cast<std::size_t>(config.per_class),
                                         .seed = config.seed,
                                         .classes = {}});
  plan.notes = plan.data.notes;
  for (const std::string& name : plan.data.classes)
    if (!is_utf8(name))
      throw DataError(config.data,
                      fmt::format("its class '{}' has a name that is not UTF-8", printable(name)),
                      "rename its folder");
  if (config.channels == 0)
    config.channels = init && init->preprocessing ? static_cast<int>(init->preprocessing->mean.size())
                                                  : channels_of(plan.data);
  const bool same_size = resolve_sizes(config, init);
  validate(config);
  resolve_batch(plan);
  resolve_engine(plan);

  plan.spec = (builder ? builder : NetworkBuilder(find_preset(config.preset).build))(
      config.size, config.size, config.channels, static_cast<int>(plan.data.classes.size()), config.l2);
  resolve_variations(plan);
  resolve_dropout(plan);
  plan.preprocessing = {.resize = config.resize,
                        .crop_width = config.crop,
                        .crop_height = config.crop,
                        .mean = {},
                        .stddev = {}};
  if (resumed) take_preparation(plan, options.resumed->preprocessing, true);
  resolve_channel_statistics(plan, init, same_size);
  resolve_colour(plan);
  resolve_names(plan);
  check_effect(plan);
  if (init || (options.weights && !resumed)) plan.weights = initial_weights(plan.spec, config.seed);
  if (init) take_weights(plan, *init);
  resolve_features(plan, resumed);
  if (options.weights && !resumed) note_random_layers(plan);
  return plan;
}

LoaderOptions training_loader(const Plan& plan) {
  LoaderOptions options = loader_options(plan);
  options.augment = plan.augment;
  options.shuffle = plan.config.shuffle;
  options.training = true;
  return options;
}

LoaderOptions validation_loader(const Plan& plan) { return loader_options(plan); }

}  // namespace alexnet
