// The one table of training settings, and what must hold between them.
#include "alexnet/settings.h"

#include <algorithm>
#include <cmath>

#include "alexnet/engines.h"
#include "alexnet/presets.h"
#include "train/settings/file_settings.h"
#include "train/settings/setting_text.h"

namespace alexnet {
namespace {

using setting_text::choice;
using setting_text::number;
using setting_text::numbers;
using setting_text::one_of;
using setting_text::Range;
using setting_text::resumable;
using setting_text::text;
using setting_text::toggle;
using C = TrainConfig;

constexpr std::string_view kData = "Data", kAugmentation = "Augmentation", kNetwork = "Network",
                           kOptimisation = "Optimisation", kLimits = "Limits", kRunning = "Running";
constexpr Range kCount{1, 1e9}, kCountOrNone{0, 1e9}, kFraction{0, 1}, kBelowOne{0, 1, true}, kPositive{};

// The data itself comes first: an argument on the command line, not a flag, but a key in files. The only list
// of what may change when a run is resumed is that of the settings marked as resumable here.
const Setting kSettings[] = {
    resumable(text<"data", &C::data>("training data: a folder of class folders, a .tar of one, an IDX file",
                                     "DATA", kData)),
    resumable(text<"val", &C::validation>("validation data in another place", "DIR", kData)),
    number<"val-split", &C::validation_split, kBelowOne>(
        "fraction of the training images held out for validation; 0: none", kData),
    number<"per-class", &C::per_class, kCountOrNone>(
        "training images of each class, drawn by the seed; 0: all", kData),
    number<"size", &C::size, kCountOrNone>(
        "width and height of the network's input in pixels; 0: those of the --init model or of the preset",
        kData),
    number<"resize", &C::resize, Range{0, Preprocessing::kLargestResize}>(
        "the shorter side is scaled to N pixels before the crop; 0: that of the --init model, or size * 256 "
        "/ 227, or size with augment none",
        kData),
    number<"crop", &C::crop, kCountOrNone>("another name for size; where both are given, they must be equal",
                                           kData),
    number<"channels", &C::channels, Range{0, 3}>(
        "1: gray; 3: colour; 0: those of the --init model, or of the images", kData),
    toggle<"shuffle", &C::shuffle>("a new order every epoch", "on|off", kData),
    numbers<"mean", &C::mean, Range{-1e3, 1e3}>(
        "per channel, subtracted from pixel / 255; measured when not given", kData),
    numbers<"std", &C::stddev, Range{1e-6, 1e3}>(
        "standard deviation per channel, as divisor; measured when not given", kData),
    resumable(choice<"cache", &C::cache, "auto|ram|off">("scaled images kept in memory", kData)),
    resumable(toggle<"strict", &C::strict>("an image that cannot be read is an error", "", kData)),
    resumable(
        number<"max-bad", &C::max_bad, kFraction>("fraction of unreadable images that is an error", kData)),
    resumable(number<"workers", &C::workers, Range{1, 1024}>("threads that read images", kData)),

    choice<"augment", &C::augment, "none|article|resized">(
        "none: the centre crop; article: a random crop, flipped half of the time; resized: a random crop of "
        "random size and aspect ratio, scaled to the input size, flipped half of the time",
        kAugmentation),
    number<"min-area", &C::min_area, Range{0.001, 1}>(
        "resized: the smallest crop, as a fraction of the image's area", kAugmentation),
    number<"jitter", &C::jitter, Range{0, 1}>(
        "brightness, contrast and saturation change by factors from 1 - X to 1 + X, in any order",
        kAugmentation),
    number<"colour", &C::colour, Range{0, 10}>(
        "PCA colour augmentation: a random shift along the principal axes of the colours, with X as standard "
        "deviation; the paper uses 0.1; 0: none",
        kAugmentation),
    numbers<"colour-axes", &C::colour_axes, Range{-1e3, 1e3}>(
        "nine numbers: three principal axes of red, green and blue, each as long as the standard deviation "
        "along it; measured on the training images when not given",
        kAugmentation),
    number<"cutout", &C::cutout, kCountOrNone>(
        "a square of N pixels at a random place of each image is set to the mean; 0: none", kAugmentation),
    number<"mixup", &C::mixup, Range{0, 100}>(
        "images and labels of a batch are mixed in pairs, by a fraction from Beta(X, X); 0: never; often 0.2",
        kAugmentation),

    text<"preset", &C::preset>("network; alexnet presets lists them", "NAME", kNetwork),
    choice<"activation", &C::activation, "preset|relu|tanh|sigmoid">(
        "activation of all units; preset: as in the preset", kNetwork),
    choice<"pooling", &C::pooling, "preset|overlapping|plain">(
        "overlapping: windows of 3 with stride 2; plain: windows of 2 with stride 2, whose output is one "
        "pixel larger where the input has an even side",
        kNetwork),
    choice<"normalisation", &C::normalisation, "preset|batch|response|none">(
        "replaces the normalisation of the preset; a preset without one gets it after convolutions 1 and 2; "
        "response: local response normalisation",
        kNetwork),
    number<"towers", &C::towers, Range{0, 2}>(
        "groups of convolutions 2, 4 and 5: 1, or 2 as in the paper; 0: those of the preset", kNetwork),
    number<"width-factor", &C::width_factor, Range{0.01, 16}>(
        "multiplies the number of filters and of hidden units", kNetwork),
    number<"l2", &C::l2, kPositive>("l2 * sum(kernel^2) is added to the loss", kNetwork),
    numbers<"dropout", &C::dropout, kBelowOne>(
        "one rate for all dropout layers, or one for each; those of the preset when not given", kNetwork),
    text<"init", &C::init>(
        "start from a model or another .safetensors file: tensors that fit by name and shape are loaded",
        "MODEL", kNetwork),
    text<"freeze", &C::freeze>("frozen layers, e.g. conv1,bn1 or the range conv1-pool5", "LAYERS", kNetwork),
    number<"views", &C::views, Range{0, 1000}>(
        "with frozen first layers: crops of each image whose features are computed once and used in every "
        "epoch; 0: computed anew every epoch",
        kNetwork),

    resumable(number<"epochs", &C::epochs, kCount>("passes over the training set", kOptimisation)),
    number<"batch", &C::batch, Range{1, 1 << 20}>(
        "images per step; an epoch leaves out images that do not fill a batch", kOptimisation),
    number<"lr", &C::lr, kPositive>("learning rate", kOptimisation),
    choice<"optimizer", &C::optimizer, "sgd|adamw">(
        "how gradients update weights; adamw needs an lr of about 0.001 or less", kOptimisation),
    number<"momentum", &C::momentum, kBelowOne>("sgd: fraction of the last update added to the next",
                                                kOptimisation),
    number<"beta1", &C::beta1, kBelowOne>("adamw: decay of the mean gradient", kOptimisation),
    number<"beta2", &C::beta2, kBelowOne>("adamw: decay of the mean squared gradient", kOptimisation),
    number<"adam-epsilon", &C::adam_epsilon, Range{1e-12, 1}>("adamw: added to the denominator",
                                                              kOptimisation),
    number<"weight-decay", &C::weight_decay, kPositive>("lr * X * weight is subtracted from kernels; sgd: "
                                                        "within the momentum, as in the paper (there 0.0005)",
                                                        kOptimisation),
    number<"bias-lr", &C::bias_lr, kPositive>("learning rate of biases, as a multiple of lr", kOptimisation),
    text<"layer-lr", &C::layer_lr>("multiples of lr for layers or ranges of them: fc8=10,conv1-conv3=0.1",
                                   "LAYERS=X,...", kOptimisation),
    number<"ema", &C::ema, kBelowOne>("validates and saves an exponential moving average of the weights with "
                                      "decay X, such as 0.999; 0: the weights themselves",
                                      kOptimisation),
    number<"clip", &C::clip, kPositive>(
        "gradients with a larger norm than this are scaled down to it; 0: never", kOptimisation),
    choice<"schedule", &C::schedule, "constant|step|cosine|plateau">("schedule of the learning rate",
                                                                     kOptimisation),
    number<"step-epochs", &C::step_epochs, kCount>("step: epochs between reductions; plateau: epochs without "
                                                   "a better validation loss before a reduction",
                                                   kOptimisation),
    number<"lr-factor", &C::lr_factor, Range{1e-6, 1}>("step, plateau: the learning rate is multiplied by X",
                                                       kOptimisation),
    number<"warmup", &C::warmup_epochs, Range{0, 1e9}>(
        "epochs of linear warm-up of the learning rate, such as 0.5; 0: none", kOptimisation),
    number<"label-smoothing", &C::label_smoothing, kBelowOne>(
        "fraction of the target spread over all classes", kOptimisation),
    text<"class-weights", &C::class_weights>("balanced: rare classes count more; or a weight per class",
                                             "none|balanced|X,X,...", kOptimisation),
    choice<"bn-statistics", &C::bn_statistics, "measured|moving">(
        "batch normalisation in validation; measured: by statistics of --bn-batches training batches; "
        "moving: by a running average, as in Keras",
        kOptimisation),
    number<"bn-batches", &C::bn_batches, kCount>("measured: number of training batches", kOptimisation),
    number<"seed", &C::seed, kPositive>("seed of all random numbers", kOptimisation),

    resumable(number<"early-stop", &C::early_stop, kCountOrNone>(
        "stops after N epochs without a better validation top-1; 0: never", kLimits)),
    resumable(number<"enough-top1", &C::enough_top1, kFraction>(
        "ends after the first epoch whose training top-1 reaches this; 0: never", kLimits)),
    resumable(
        number<"max-steps", &C::max_steps, Range{0, 1e15}>("maximum number of steps; 0: no limit", kLimits)),
    resumable(
        number<"max-minutes", &C::max_minutes, Range{0, 1e9}>("maximum training time; 0: no limit", kLimits)),

    text<"out", &C::out>("run folder; runs/<date>-<time> when not given", "DIR", kRunning),
    resumable(number<"threads", &C::threads, Range{0, 4096}>(
        "compute threads; 0: all processors that may be used", kRunning)),
    one_of<"engine", &C::engine, engine_names>("reference: plain loops, slow, for comparison", kRunning),
    choice<"convolution", &C::convolution, "auto|direct">(
        "auto: Winograd's algorithm where it is faster; direct: without it, two to three times slower, with "
        "smaller rounding errors; no effect in bf16",
        kRunning),
    choice<"precision", &C::precision, "f32|bf16">(
        "bf16: on processors with AMX, layers multiply rounded numbers, 1.5 times as fast or more; sums and "
        "weights stay float32",
        kRunning),
    resumable(number<"checkpoint-minutes", &C::checkpoint_minutes, Range{0, 1e6}>(
        "a checkpoint at least this often; 0: after every step", kRunning)),
    resumable(toggle<"keep-checkpoint", &C::keep_checkpoint>(
        "off: the checkpoint is removed when the run is finished, which then cannot be resumed", "on|off",
        kRunning)),
    resumable(toggle<"tensorboard", &C::tensorboard>(
        "event files in the run folder, for tensorboard --logdir", "on|off", kRunning)),
};

bool is_weight_list(const std::string& text) {
  const std::vector<float> weights = setting_text::parse_list("class-weights", text, kPositive);
  return std::any_of(weights.begin(), weights.end(), [](float weight) { return weight > 0; });
}

void check_channels(const C& config) {
  if (config.channels == 2)
    throw UsageError("--channels", "images have 1 or 3 channels", "give 1 for gray or 3 for colour");
  const std::size_t channels = static_cast<std::size_t>(config.channels);
  const auto check = [&](const char* flag, std::size_t count) {
    if (count == 0) return;
    if (channels != 0 ? count != channels : (count != 1 && count != 3))
      throw UsageError(flag,
                       fmt::format("has {} values for {} channels", count,
                                   channels == 0 ? "1 or 3" : std::to_string(channels)),
                       "give one value per channel");
  };
  check("--mean", config.mean.size());
  check("--std", config.stddev.size());
  if (!config.mean.empty() && !config.stddev.empty() && config.mean.size() != config.stddev.size())
    throw UsageError("--mean", "has another number of values than --std",
                     "give one value per channel to both");
}

}  // namespace

std::span<const Setting> train_settings() { return std::span<const Setting>(kSettings).subspan(1); }
std::span<const Setting> file_settings() { return kSettings; }

void validate(const TrainConfig& config) {
  TrainConfig scratch;  // ranges are declared once, in the table: each value must pass its own setter
  for (const Setting& setting : kSettings) setting.set(scratch, setting.get(config));
  if (config.data.empty()) throw UsageError("data", "is not given", "name a folder of class folders");
  if (!config.validation.empty() && config.validation_split > 0)
    throw UsageError("--val-split", "cannot be combined with --val", "choose one of them");
  const int usual = find_preset(config.preset).size;
  const int given = config.crop != 0 ? config.crop : config.size;
  const int crop = given == 0 && config.init.empty() ? usual : given;
  if (config.size != 0 && crop != config.size)
    throw UsageError("--crop", fmt::format("{} is not the network's input size, {}", crop, config.size),
                     "give --size alone: the crop is what the network sees");
  if (config.resize != 0 && config.resize < crop)
    throw UsageError("--resize", fmt::format("{} is less than the crop, {}", config.resize, crop),
                     fmt::format("give {} or more", crop));
  if (crop != 0 && config.cutout > crop)
    throw UsageError("--cutout", fmt::format("{} is more than the network's input, {}", config.cutout, crop),
                     "give the side of a square that leaves something to be seen");
  if (config.warmup_epochs > config.epochs)
    throw UsageError("--warmup", "is longer than the training", "give at most --epochs");
  const std::string& weights = config.class_weights;
  if (weights != "none" && weights != "balanced" && !is_weight_list(weights))
    throw UsageError("--class-weights", "has no weight above 0", "give one weight per class");
  check_channels(config);
  if (!config.colour_axes.empty() && config.colour_axes.size() != 9)
    throw UsageError("--colour-axes", fmt::format("has {} numbers", config.colour_axes.size()),
                     "give three axes of three numbers");
}

void apply_recipe(TrainConfig& config, const std::string& name) {
  if (name != "paper") throw UsageError("--recipe", "there is no '" + name + "'", "there is: paper");
  config.preset = "paper";
  config.batch = 128;
  config.lr = 0.01;
  config.momentum = 0.9;
  config.l2 = 0;
  config.weight_decay = 0.0005;
  config.bias_lr = 2;
  config.schedule = "plateau";
  config.lr_factor = 0.1;
  config.epochs = 90;
  config.augment = "article";
  config.colour = 0.1;
}

}  // namespace alexnet
