// Training: settings, a run folder, and what happens meanwhile.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "alexnet/evaluate.h"
#include "alexnet/export.h"
#include "alexnet/model.h"

namespace alexnet {

/// Everything that decides what a run computes. The run folder keeps it, fully resolved, as config.json.
/// src/train/settings/settings.cpp declares each field once - name, default, help, range - for flags, files
/// and dumps alike.
struct TrainConfig {
  // Data
  std::string data;             // as open_dataset()
  std::string validation;       // --val
  double validation_split = 0;  // --val-split
  int per_class = 0;            // training images of each class, drawn by the seed; 0: all
  int size = 0;                 // side of the network's input; 0: the preset's, or the --init model's
  int resize = 0;    // short side before the crop; 0: size * 256 / 227 rounded, or size with augment none
  int crop = 0;      // 0: size
  int channels = 0;  // 1 or 3; 0: what the images have
  std::string augment = "article";  // none | article | resized
  double min_area = 0.08;           // resized: the smallest crop, as a fraction of the image
  bool shuffle = true;
  std::vector<float> mean, deviation;  // empty: measured from the training set
  double colour = 0;                   // how far colours change in augmentation; the paper: 0.1
  std::vector<float>
      colour_axes;             // empty: measured: the axes of change, one after the other, red, green, blue
  double jitter = 0;           // brightness, contrast and saturation times 1 - jitter to 1 + jitter
  int cutout = 0;              // side of a square that is cut out of each training image
  double mixup = 0;            // pairs of images are mixed, by shares from Beta(mixup, mixup); 0: never
  std::string cache = "auto";  // auto | ram | off
  bool strict = false;
  double max_bad = 0.05;
  int workers = 2;
  // Network
  std::string preset = "article";     // as find_preset()
  std::string activation = "preset";  // preset: as it has them; or relu, tanh, sigmoid for all
  std::string pooling = "preset";     // preset | overlapping (windows of 3, 2 apart) | plain (of 2, 2 apart)
  std::string normalisation = "preset";  // preset | batch | response (local response, the paper's) | none
  int towers = 0;                        // groups of convolutions 2, 4 and 5; 0: the preset's; 2: the paper's
  double width_factor = 1;               // filters and hidden units, times this
  double l2 = 0.0002;
  std::vector<float> dropout;  // empty: the article's; one rate for all, or one per dropout layer
  std::string init;            // --init MODEL
  std::string freeze;  // layer names, comma-separated; "conv1-conv5" (or "conv1-5") is a range of layers
  int views = 4;       // of each image that features are kept of, where the first layers are frozen
  // Optimisation
  int epochs = 30;
  int batch = 128;
  double lr = 0.01;
  std::string optimizer = "sgd";                           // sgd | adamw
  double momentum = 0.9;                                   // sgd
  double beta1 = 0.9, beta2 = 0.999, adam_epsilon = 1e-8;  // adamw
  double weight_decay = 0;  // lr * weight_decay * w off each kernel w; sgd: within the momentum
  double ema = 0;  // decay of the averaged weights that are validated and saved; 0: the weights themselves
  double bias_lr = 1;    // learning rate of biases, as a multiple of lr; Caffe and the paper's program: 2
  std::string layer_lr;  // "fc8=10,conv1-conv3=0.1": multiples of lr for layers and ranges of layers
  double clip = 0;       // gradients longer than this, all together, are shortened to it; 0: never
  std::string schedule = "cosine";  // constant | step | cosine | plateau
  int step_epochs = 10;             // step: epochs between divisions; plateau: patience in epochs
  double lr_factor = 0.1;           // step, plateau: what lr is multiplied with
  double warmup_epochs = 0;
  double label_smoothing = 0;
  std::string class_weights = "none";      // none | balanced | w1,w2,...
  std::string bn_statistics = "measured";  // measured (anew before each validation) | moving (Keras)
  int bn_batches = 16;                     // training batches measured on
  std::uint64_t seed = 0;
  // Limits
  int early_stop = 0;          // epochs without a better validation top-1; 0: never
  double enough_top1 = 0;      // ends after the first epoch whose training top-1 reaches it; 0: never
  std::int64_t max_steps = 0;  // 0: no limit
  double max_minutes = 0;      // 0: no limit
  // Running
  std::string out;  // run folder; empty: runs/<date>-<time>
  int threads = 0;  // 0: all processors that may be used
  std::string engine = "cpu";
  std::string convolution = "auto";  // auto: Winograd's algorithm where it is faster | direct
  /// f32 | bf16: convolutions and dense layers multiply rounded numbers where the processor has matrix tiles
  /// (AMX); sums, weights, normalisation and the loss stay float32. Other processors compute in float32.
  std::string precision = "f32";
  double checkpoint_minutes = 5;  // a checkpoint at least this often, and after every epoch
  bool tensorboard = true;        // event files
};

struct EpochMetrics {
  int epoch = 0;          // 1 for the first
  std::int64_t step = 0;  // steps done in all
  double lr = 0;
  double train_loss = 0;  // cross-entropy and l2, mean over the epoch's steps
  double train_top1 = 0;
  std::optional<double> val_loss, val_top1, val_top5;  // none without validation data
  double images_per_s = 0;                             // training steps alone
  double data_wait = 0;                                // fraction of that time spent waiting for data, 0..1
  double seconds = 0;                                  // whole epoch
};

/// An epoch's line in metrics.jsonl, without the line's end. What is not finite becomes null.
ALEXNET_API std::string to_json(const EpochMetrics& epoch);

struct StepMetrics {
  int epoch = 0;
  std::int64_t step = 0;           // in all
  std::int64_t step_of_epoch = 0;  // 1 for the first
  std::int64_t steps_per_epoch = 0;
  double loss = 0, l2_loss = 0, top1 = 0, lr = 0;  // loss and top1: running means over the epoch
  double images_per_s = 0, data_wait = 0;
  double epoch_seconds_left = 0;  // until its steps are made
  double seconds_left = 0;        // of the run, as far as steps and the end of the last epoch tell
};

/// What a watcher of a run is told. All calls come from the training thread.
class ALEXNET_API TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void started(const TrainConfig&, const Dataset&, const Summary&,
                       const std::filesystem::path& /*run*/) {}
  virtual void stepped(const StepMetrics&) {}
  /// The features that frozen layers make of images are computed, before the first step: done, in all.
  virtual void preparing(std::int64_t, std::int64_t) {}
  /// Progress of validation (or of measuring statistics): images done, images in all.
  virtual void validating(std::int64_t, std::int64_t) {}
  virtual void epoch_done(const EpochMetrics&, bool /*best*/) {}
  virtual void note(const std::string&) {}
};

struct TrainResult {
  std::filesystem::path run;
  std::vector<EpochMetrics> epochs;
  Evaluation validation;     // of the best model; images == 0 without validation data
  bool interrupted = false;  // stopped by `stop`, a checkpoint saved
  std::string stopped;       // why it ended before its time ("early stop", "max steps", ...); empty otherwise
};

/// A loss or weights that are no longer finite. What was saved before stays; `where()` is the run folder.
class ALEXNET_API DivergedError : public Error {
 public:
  using Error::Error;
};

/// Trains and leaves a run folder: config.json, metrics.jsonl, best.safetensors, last.safetensors,
/// checkpoint.safetensors, quarantine.jsonl, confusion.csv, confusion.png, curves.png, tensorboard/. `stop`
/// may be set at any time, from a signal handler too: the run then saves a checkpoint and returns with
/// `interrupted`. DivergedError.
ALEXNET_API TrainResult train(const TrainConfig& config, TrainObserver& observer,
                              const std::atomic<bool>* stop = nullptr);

/// Goes on where the run folder's checkpoint is. Same machine and thread count: the same weights, step for
/// step, as if it had never stopped.
ALEXNET_API TrainResult resume(const std::filesystem::path& run, TrainObserver& observer,
                               const std::atomic<bool>* stop = nullptr);

}  // namespace alexnet
