// A network that an engine has compiled, ready to run.
//
// An engine turns a NetworkSpec and a batch size into a list of operations with all memory planned. What it
// keeps inside (layouts, fusions, algorithms) is its own business; at this boundary tensors are canonical:
// activations NCHW, weights OIHW and [out, in], float32.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/network.h"
#include "engine/loss.h"
#include "engine/slab_id.h"
#include "engine/update_rule.h"

namespace alexnet {

enum class Convolution { kAuto, kDirect };
/// "auto" or "direct"; UsageError otherwise.
Convolution convolution_from_string(std::string_view name);

/// The coarsest numbers a plan may round to, where that saves time; sums are float32 always. bf16, 8
/// significant bits: where the processor has matrix tiles, all that convolutions and dense layers multiply,
/// in training too; elsewhere weights of inference plans where reading them is what costs. int8, in inference
/// plans: a dense layer's weights as whole numbers -127..127 with a scale per output unit when a few images
/// are computed at a time, the rest as bf16. Engine::why_not() says which of them an engine offers.
enum class Precision { kFloat32, kBf16, kInt8 };
/// "f32", "bf16" or "int8"; UsageError otherwise.
Precision precision_from_string(std::string_view name);
std::string_view to_string(Precision precision);

struct CompileOptions {
  int batch = 1;
  /// Plan the backward pass, gradients included.
  bool training = false;
  /// Backward also computes the gradient with respect to the input.
  bool input_gradient = false;
  /// Backward computes the parameters' gradients. Where only the input's gradient is wanted they are about
  /// half of its work, and as much memory as the weights.
  bool parameter_gradients = true;
  /// frozen[layer]: that layer computes as in inference whatever the pass is (batch normalisation by its
  /// moving statistics, which stay as they are; dropout drops nothing), and backward() need not compute the
  /// gradients of its parameters; what the slab of gradients holds for them means nothing. Layers before the
  /// first that learns take no part in backward() at all. Empty: none is.
  std::vector<bool> frozen{};
  /// Layers whose outputs read_output() can be asked for after forward(). More outputs can mean less fusion
  /// and more memory. The logits and the last layer are always there.
  std::vector<std::string> outputs{};
  /// Plan update(). Needs `training` and `parameter_gradients`.
  std::optional<UpdateRule> update{};
  /// kAuto lets the backend use Winograd where it is faster.
  Convolution convolution = Convolution::kAuto;
  Precision precision = Precision::kFloat32;
};

/// kInference: moving statistics, no dropout. kTraining: batch statistics, dropout, moving statistics are
/// moved. kStatistics: batch statistics, no dropout, moving statistics untouched; batch means and variances
/// are summed for finish_statistics().
enum class Pass { kInference, kTraining, kStatistics };

struct PassOptions {
  Pass pass = Pass::kInference;
  /// Dropout masks are a function of (seed, step, layer, element): see dropout_draw().
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  /// Place of the pass's first row in the whole batch of the step, where several passes share one: masks do
  /// not depend on how rows are divided.
  std::int64_t first_row = 0;
};

/// Called, while backward() computes, from which offset to the end of the slab the gradients are final:
/// falling offsets, 0 at last.
using GradientsReady = std::function<void(std::size_t offset)>;

bool is_frozen(const CompileOptions& options, std::size_t layer);
/// Whether backward() computes the gradients of this layer's parameters, if it has any.
bool learns(const CompileOptions& options, std::size_t layer);
/// The first layer with parameters that learn; past the end when there is none.
std::size_t first_learner(const NetworkSpec& spec, const CompileOptions& options);

/// A tensor inside a slab. `count` floats from `offset`, in the backend's own element order, padding (always
/// zero in parameters, gradients and anything computed element by element from them) included.
struct SlabEntry {
  ParameterInfo info;
  std::size_t offset = 0;
  std::size_t count = 0;
};

/// What one operation of a network has cost so far, in seconds.
struct OperationTime {
  std::string name;                             // the layers it computes, "conv1+relu1"
  std::size_t first_layer = 0, last_layer = 0;  // [first, last) of the spec's; none for a change of layout
  Precision kernel = Precision::kFloat32;       // what forward() reads its weights in
  double forward = 0, backward = 0;
};

class CompiledNetwork {
 public:
  virtual ~CompiledNetwork() = default;

  const NetworkSpec& spec() const { return spec_; }
  int batch() const { return options_.batch; }
  bool training() const { return options_.training; }
  /// Whether backward() computes the gradients of this layer's parameters, if it has any.
  bool learns(std::size_t layer) const { return alexnet::learns(options_, layer); }

  // --- Slabs ----------------------------------------------------------------------------------------------
  // Trainable tensors lie in the slab of parameters, layer by layer; that of gradients has the same layout,
  // and so have those that the update keeps. Only training plans have gradients, and of those the ones with
  // CompileOptions::parameter_gradients. An engine may keep slabs in memory of its own: callers see copies,
  // or views where it lies in the machine's.

  const std::vector<SlabEntry>& parameter_layout() const { return parameter_layout_; }
  const std::vector<SlabEntry>& statistics_layout() const { return statistics_layout_; }
  /// Floats; 0 where the network has no such slab.
  virtual std::size_t slab_size(SlabId slab) const = 0;
  /// Those that the update keeps, and a checkpoint must.
  virtual std::vector<SlabId> kept_slabs() const = 0;

  /// Floats [offset, offset + count) of a slab, in the engine's own order. Valid until the next download(),
  /// and until a call that may write the slab: whether the view then shows new values is the engine's affair.
  virtual std::span<const float> download(SlabId slab, std::size_t offset, std::size_t count) = 0;
  /// Writes floats from `offset` on. They count from the next forward() or update() on.
  virtual void upload(SlabId slab, std::size_t offset, std::span<const float> values) = 0;
  /// The same for one tensor of the slab's layout, in canonical order (element_count(info.shape) floats).
  /// Training plans only.
  virtual void read(SlabId slab, const SlabEntry& entry, std::span<float> canonical) = 0;
  virtual void write(SlabId slab, const SlabEntry& entry, std::span<const float> canonical) = 0;
  /// No NaN and no infinity in the slab.
  virtual bool all_finite(SlabId slab) = 0;

  /// Takes every parameter and statistic from `weights` by name; an average starts anew from them. DataError
  /// (naming the tensor) when one is missing or has another shape, with nothing taken. An inference plan may
  /// keep using the views' storage instead of copying it.
  virtual void load(const NamedTensors& weights) = 0;
  /// All parameters and statistics, canonical copies. Training plans only: an inference plan's weights are
  /// those of the file it was loaded from.
  NamedTensors save();

  // --- Running
  // --------------------------------------------------------------------------------------------------

  /// Where the batch goes: [batch, channels, height, width], in the machine's memory, from where forward()
  /// reads it. What was written stays. forward() always computes the whole batch; rows
  /// that are not filled give results that mean nothing and, as long as they are finite, change other rows of
  /// an inference pass by no more than rounding.
  virtual std::span<float> input() = 0;

  virtual void forward(const PassOptions& options) = 0;

  /// [batch, classes]: the output of the last layer, a trailing softmax left out. Valid until the next
  /// forward().
  virtual std::span<const float> logits() = 0;
  /// [batch, classes]: the output of the last layer, softmax included. Valid until the next forward().
  virtual std::span<const float> output() = 0;
  /// Output of a layer named in CompileOptions::outputs, of the last forward(), as [batch, C, H, W].
  virtual void read_output(std::string_view layer, std::span<float> nchw) = 0;

  /// Softmax cross-entropy of the logits of the last forward(), with a label for each row. In training plans
  /// its gradient is what backward() starts from. UsageError where targets or class weights are not as many
  /// as there are rows or classes, or a label is none of the classes.
  virtual LossResult loss(const Targets& targets, const LossOptions& options) = 0;
  /// [batch, classes]: another gradient for backward() to start from, with respect to logits(). It
  /// stays until the next loss() or set_logits_gradient(). UsageError where there are not as many values, and
  /// in inference plans.
  virtual void set_logits_gradient(std::span<const float> values) = 0;
  /// Gradients of the last forward() into the slab of gradients (overwritten, not added to). They are those
  /// of the function that pass computed: after kInference moving statistics are constants and nothing was
  /// dropped. `ready` may look at the gradients that are final. Once after each forward(): what it needs of
  /// the activations is overwritten on the way, and a second call gives gradients that mean nothing.
  virtual void backward(const GradientsReady& ready = {}) = 0;
  /// [batch, C, H, W], after backward(). UsageError when the network was compiled without
  /// CompileOptions::input_gradient (or not for training).
  virtual void read_input_gradient(std::span<float> nchw) = 0;

  // --- Learning -------------------------------------------------------------------------------------------

  /// Changes the parameters by the gradients and the rule of CompileOptions::update. Allocates nothing. Step
  /// `number` of the run, 1 for the first. Returns the l2 part of the loss, sum over tensors of l2 *
  /// sum(w^2), of the weights before the step; frozen layers count (as in Keras). UsageError without a rule.
  virtual double update(double lr, std::int64_t number) = 0;
  /// Sum of squares of what the last update() added to one tensor of the parameters, which are as it left
  /// them.
  virtual double squared_change(const SlabEntry& entry) = 0;
  /// The moving average becomes the parameters and these the average, until the next exchange. Nothing where
  /// none is kept.
  virtual void exchange_average() = 0;

  // --- Batch normalisation measured anew
  // --------------------------------------------------------------------------

  /// Forgets what kStatistics passes summed.
  virtual void begin_statistics() = 0;
  /// Moving mean := mean of the summed batch means; moving variance := mean batch variance + variance of the
  /// batch means, i.e. the variance over all images seen.
  virtual void finish_statistics() = 0;

  /// Bytes of activations and work space planned.
  virtual std::size_t planned_bytes() const = 0;
  /// Of all operations, in the order in which they run forward.
  std::span<const OperationTime> operation_times() const { return times_; }

 protected:
  /// UsageError when the spec does not compute, has no layers, or an output wanted is none of them.
  CompiledNetwork(NetworkSpec spec, CompileOptions options);

  /// The errors of load(), before anything is taken.
  void check(const NamedTensors& weights) const;
  /// The tensor that `info` describes; the DataError of load() when there is none.
  static const TensorView& find_tensor(const NamedTensors& weights, const ParameterInfo& info);
  /// Index of a layer that read_output() may be asked for; UsageError when it was not planned for.
  std::size_t output_index(std::string_view layer) const;
  /// The UsageErrors of loss(), set_logits_gradient() and read_input_gradient(). They allocate nothing where
  /// all is well.
  void check_targets(const Targets& targets, const LossOptions& options) const;
  void check_logits_gradient(std::span<const float> values) const;
  void check_input_gradient() const;
  bool has_gradients() const { return options_.training && options_.parameter_gradients; }

  /// Tells of gradients that are final, of each offset once.
  class ReadyReport {
   public:
    ReadyReport(const CompiledNetwork& network, const GradientsReady& ready);
    /// Those of `layer` and of all behind it are.
    void from_layer(std::size_t layer);
    /// All are.
    void finish();

   private:
    const std::vector<SlabEntry>& layout_;
    const GradientsReady& ready_;
    std::size_t reported_;
    bool any_ = false;
  };

  NetworkSpec spec_;
  CompileOptions options_;
  std::size_t classes_ = 0;               // logits of a row
  std::size_t first_backward_layer_ = 0;  // those before it take no part in backward()
  std::vector<SlabEntry> parameter_layout_, statistics_layout_;
  std::vector<OperationTime> times_;  // one for each operation
};

}  // namespace alexnet
