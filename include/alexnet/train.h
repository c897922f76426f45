// Training: settings, a run folder, and what happens meanwhile.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
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
  std::string data;             ///< path, as for open_dataset()
  std::string validation;       ///< path of validation data; empty: a folder inside the data, if any
  double validation_split = 0;  ///< fraction of the training images held out, below 1; 0: none
  int per_class = 0;            ///< training images of each class, drawn by the seed; 0: all
  int size = 0;  ///< side of the network's input, in pixels; 0: the preset's, or that of `init`
  /// Short side before the crop, in pixels. 0: that of `init` if its crop has this size, or else size * 256 /
  /// 227 rounded, or size with augment none.
  int resize = 0;
  int crop = 0;                     ///< side of the crop, the same as `size`, in pixels; 0: size
  int channels = 0;                 ///< 1 or 3; 0: those of `init`, or else of the images
  std::string augment = "article";  ///< none | article (crops, mirrored) | resized (crops of any size too)
  double min_area = 0.08;           ///< resized: the smallest crop, as a fraction of the image's area
  bool shuffle = true;              ///< a new order of the images in every epoch
  std::vector<float> mean,          ///< per channel, of pixel / 255; empty: measured
      stddev;                       ///< standard deviation per channel, of pixel / 255; empty: measured
  double colour = 0;  ///< standard deviations that colours change by along their axes; the paper: 0.1
  std::vector<float> colour_axes;  ///< three axes of red, green, blue, one after the other; empty: measured
  double jitter = 0;               ///< brightness, contrast and saturation times 1 - jitter to 1 + jitter
  int cutout = 0;              ///< side of a square that is set to the mean in each training image; 0: none
  double mixup = 0;            ///< pairs of images are mixed, by fractions from Beta(mixup, mixup); 0: never
  std::string cache = "auto";  ///< scaled images in memory: auto (if all fit) | ram (those that fit) | off
  bool strict = false;         ///< an image that cannot be read ends the run
  double max_bad = 0.05;       ///< fraction of unreadable images above which the run ends, 0..1
  int workers = 2;             ///< threads that read images
  // Network
  std::string preset = "article";     ///< name, as for find_preset()
  std::string activation = "preset";  ///< preset | relu | tanh | sigmoid (for all units)
  std::string pooling = "preset";  ///< preset | overlapping (windows of 3, 2 apart) | plain (of 2, 2 apart)
  std::string normalisation = "preset";  ///< preset | batch | response (local response, the paper's) | none
  int towers = 0;              ///< groups of convolutions 2, 4 and 5: 1 or 2 (the paper); 0: the preset's
  double width_factor = 1;     ///< factor of the numbers of filters and hidden units
  double l2 = 0.0002;          ///< l2 * sum(kernel^2) is added to the loss
  std::vector<float> dropout;  ///< one rate for all, or one per dropout layer; empty: the preset's
  std::string init;            ///< file of the weights to start from; empty: new weights
  std::string freeze;  ///< layer names, comma-separated; "conv1-conv5" (or "conv1-5") is a range of layers
  int views = 4;       ///< crops of each image whose features are kept, where the first layers are frozen
  // Optimisation
  int epochs = 30;                ///< passes over the training set, at most
  int batch = 128;                ///< images per step; at most the training set
  double lr = 0.01;               ///< learning rate after the warm-up, before the schedule lowers it
  std::string optimizer = "sgd";  ///< sgd | adamw
  double momentum = 0.9;          ///< sgd: fraction of the last update that is added to the next
  double beta1 = 0.9,             ///< adamw: decay of the mean gradient
      beta2 = 0.999,              ///< adamw: decay of the mean squared gradient
      adam_epsilon = 1e-8;        ///< adamw: added to the denominator
  double weight_decay = 0;        ///< lr * this * w is subtracted from kernels w; sgd: within the momentum
  double ema = 0;        ///< decay of the averaged weights that are validated and saved; 0: no average
  double bias_lr = 1;    ///< learning rate of biases, as a multiple of lr; Caffe and the paper's program: 2
  std::string layer_lr;  ///< "fc8=10,conv1-conv3=0.1": multiples of lr for layers and ranges of layers
  double clip = 0;       ///< maximum norm of all gradients together; they are scaled down to it; 0: no limit
  std::string schedule = "cosine";     ///< constant | step | cosine | plateau
  int step_epochs = 10;                ///< step: epochs between reductions; plateau: patience, in epochs
  double lr_factor = 0.1;              ///< step, plateau: factor of a reduction
  double warmup_epochs = 0;            ///< epochs, or a fraction of one, in which the rate rises to lr
  double label_smoothing = 0;          ///< fraction of the target spread over all classes, below 1
  std::string class_weights = "none";  ///< none | balanced (rare classes count more) | one per class: w1,w2
  std::string bn_statistics = "measured";  ///< measured (anew before each validation) | moving (Keras)
  int bn_batches = 16;                     ///< measured: number of training batches for it
  std::uint64_t seed = 0;                  ///< of all random numbers
  // Limits
  int early_stop = 0;          ///< epochs without a better validation top-1; 0: never
  double enough_top1 = 0;      ///< training top-1, 0..1, that ends the run after its epoch; 0: never
  std::int64_t max_steps = 0;  ///< of the run, over all epochs; 0: no limit
  double max_minutes = 0;      ///< of the run; 0: no limit
  // Running
  std::string out;                   ///< run folder; empty: a new one in runs/, named after date and time
  int threads = 0;                   ///< 0: all processors that may be used
  std::string engine = "cpu";        ///< one of engine_names()
  std::string convolution = "auto";  ///< auto (Winograd's algorithm where it is faster) | direct
  /// f32 | bf16: convolutions and dense layers multiply rounded numbers where the processor has matrix tiles
  /// (AMX); sums, weights, normalisation and the loss stay float32. Other processors compute in float32.
  std::string precision = "f32";
  double checkpoint_minutes = 5;  ///< maximum minutes between checkpoints; 0: one after every step
  bool keep_checkpoint = true;    ///< off: the checkpoint is removed when the run is finished
  bool tensorboard = true;        ///< writes event files, if the library was built with them
};

/// Metrics of one epoch, or of the part of one that a limit ended.
struct EpochMetrics {
  int epoch = 0;                   ///< 1 for the first
  std::int64_t step = 0;           ///< steps since the start of the run
  double lr = 0;                   ///< learning rate of the last step
  double train_loss = 0;           ///< cross-entropy and l2, mean over the epoch's steps
  double train_top1 = 0;           ///< fraction of the training images classified right, 0..1
  std::optional<double> val_loss,  ///< mean cross-entropy; none without validation data
      val_top1,                    ///< 0..1; none without validation data
      val_top5;                    ///< 0..1; none without validation data
  double images_per_s = 0;         ///< of the training steps alone
  double data_wait = 0;            ///< fraction of that time spent waiting for data, 0..1
  double seconds = 0;              ///< duration of the whole epoch, with validation
};

/// An epoch's line in metrics.jsonl, without the line's end. What is not finite becomes null.
ALEXNET_API std::string to_json(const EpochMetrics& epoch);

/// Metrics after a training step.
struct StepMetrics {
  int epoch = 0;                     ///< 1 for the first
  std::int64_t step = 0;             ///< steps since the start of the run
  std::int64_t step_of_epoch = 0;    ///< 1 for the first
  std::int64_t steps_per_epoch = 0;  ///< whole batches of an epoch
  double loss = 0,                   ///< cross-entropy and l2, running mean over the epoch
      l2_loss = 0,                   ///< l2 part of the loss, of this step
      top1 = 0,                      ///< running mean over the epoch, 0..1
      lr = 0;                        ///< learning rate of this step
  double images_per_s = 0,           ///< mean over the epoch
      data_wait = 0;                 ///< fraction of the steps' time spent waiting for data, 0..1
  double epoch_seconds_left = 0;     ///< until the last step of the epoch
  double seconds_left = 0;           ///< of the run, as far as steps and the end of the last epoch tell
};

/// Receives the events of a run. All calls come from the training thread.
class ALEXNET_API TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  /// The run begins or is resumed: settings with all defaults resolved, data, network and run folder.
  virtual void started(const TrainConfig&, const Dataset&, const Summary&,
                       const std::filesystem::path& /*run*/) {}
  /// Comes after each training step.
  virtual void stepped(const StepMetrics&) {}
  /// The features that frozen layers make of images are computed, before the first step: done, in all.
  virtual void preparing(std::int64_t, std::int64_t) {}
  /// Held-out images are read, to record what they are and whether the run learns from them as well, before
  /// the first step: images done, in all.
  virtual void comparing(std::int64_t, std::int64_t) {}
  /// Progress of validation (or of measuring statistics): images done, images in all.
  virtual void validating(std::int64_t, std::int64_t) {}
  /// The epoch is saved. `best`: no earlier one was as good; always true without validation data.
  virtual void epoch_done(const EpochMetrics&, bool /*best*/) {}
  /// Something about the run that people should know, one line.
  virtual void note(const std::string&) {}
};

/// Result of a training run.
struct TrainResult {
  std::filesystem::path run;         ///< run folder
  std::vector<EpochMetrics> epochs;  ///< all of the run, those before it was resumed included
  Evaluation validation;     ///< of the best model; images == 0 when interrupted or without validation data
  bool interrupted = false;  ///< stopped by `stop`, a checkpoint saved
  std::string stopped;  ///< why it ended before `epochs` ("early stop", "interrupted", ...); empty otherwise
  std::int64_t left_out = 0;       ///< images that could not be read; quarantine.jsonl names them
  std::uint64_t folder_bytes = 0,  ///< size of the run folder
      checkpoint_bytes = 0;        ///< of which the checkpoint; 0: there is none
};

/// A setting by its name without dashes, as in train_settings(), and its value as text.
using SettingChange = std::pair<std::string, std::string>;

/// A loss or weights that are no longer finite. What was saved before stays; `where()` is the run folder.
class ALEXNET_API DivergedError : public Error {
 public:
  /// Takes where, problem and fix, as Error.
  using Error::Error;
};

/// Trains and leaves a run folder: config.json, metrics.jsonl, best.safetensors, last.safetensors,
/// checkpoint.safetensors, held-out.jsonl, quarantine.jsonl, confusion.csv, confusion.png, curves.png,
/// tensorboard/. `stop` may be set at any time, from a signal handler too: the run then saves a checkpoint
/// and returns with `interrupted`. DivergedError.
ALEXNET_API TrainResult train(const TrainConfig& config, TrainObserver& observer,
                              const std::atomic<bool>* stop = nullptr);

/// Resumes a run from the checkpoint in its folder. Same machine and thread count: the same weights, step for
/// step, as if it had never stopped.
ALEXNET_API TrainResult resume(const std::filesystem::path& run, TrainObserver& observer,
                               const std::atomic<bool>* stop = nullptr);

/// The same with other values of settings that may change (Setting::resumable), such as more `epochs`, or
/// `data` where the images have moved. The run folder keeps them. UsageError for other settings; DataError
/// where the images are not those that the run was started with.
ALEXNET_API TrainResult resume(const std::filesystem::path& run, std::span<const SettingChange> changes,
                               TrainObserver& observer, const std::atomic<bool>* stop = nullptr);

/// What a run can say about images that its model is evaluated on.
struct TrainingOverlap {
  std::filesystem::path run;  ///< its folder
  bool recorded = true;       ///< false: an older version made the run, which does not know what it held out
  std::int64_t images = 0;    ///< of those given: all that the run did not hold out
  /// Why nothing is known of the run's data, as its settings cannot be read; empty otherwise.
  std::string problem{};
};

/// How many of the images of `source`, which was opened from `data`, a model may have been trained on.
/// Nothing where the model (a file or a run folder) is not that of a run, or the run's data lies elsewhere.
/// `progress` is told how many images were read for this, and of how many.
ALEXNET_API std::optional<TrainingOverlap> training_overlap(
    const std::filesystem::path& model, const std::filesystem::path& data, const ImageSource& source,
    const std::function<void(std::int64_t, std::int64_t)>& progress = {});

}  // namespace alexnet
