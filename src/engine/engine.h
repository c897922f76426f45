// The contract of engines: ways to compute networks, each of which may be there on this machine or not.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/compiled_network.h"

namespace alexnet {

/// What an engine offers on this machine.
struct EngineOffer {
  bool training = true;
  /// Plans that may round to bf16 multiply rounded numbers in batches of any size.
  bool bf16_in_any_batch = false;
  /// The largest batch for which an inference plan uses weights rounded further than that: larger ones are
  /// bound by computing, which rounding only adds to. 0: there is no limit, or nothing is rounded.
  int max_rounded_batch = 0;
  /// What of this processor is used, and what is done without because it is not there: "AVX-512, bf16
  /// products".
  std::string instructions;
};

/// What an engine could do at most on this machine, measured in this process. 0: not known, or there is none.
struct EngineLimits {
  double float32 = 0;  // FLOP/s of multiply-adds on registers
  double bf16 = 0;     // FLOP/s of bf16 products on registers, of tiles where there are any
  double memory = 0;   // bytes/s of a[i] = b[i] + s * c[i] over arrays too large for caches (3 arrays)
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// What users call it: "cpu".
  virtual std::string_view name() const = 0;
  /// Why it cannot run on this machine; empty where it can. Nothing below may be asked for where it cannot.
  virtual std::string why_unavailable() const { return {}; }
  virtual EngineOffer offer() const = 0;
  /// Takes a second or so.
  virtual EngineLimits measure_limits() const { return {}; }

  /// Why its plans for training, or for inference, do not compute in this precision; empty where they do, as
  /// all do in float32.
  virtual std::string why_not(Precision precision, bool training) const = 0;

  /// UsageError when the spec does not compute or the precision is none that the engine offers for such
  /// plans, DeviceError when the network does not fit in memory.
  std::unique_ptr<CompiledNetwork> compile(const NetworkSpec& spec, const CompileOptions& options) const;

 private:
  virtual std::unique_ptr<CompiledNetwork> compile_offered(const NetworkSpec& spec,
                                                           const CompileOptions& options) const = 0;
};

/// For those to whom a precision is a wish: that precision, or float32 where the engine does not offer it.
struct PrecisionChoice {
  Precision precision = Precision::kFloat32;
  std::string note;  // for people; empty where the wish is granted
};
PrecisionChoice choose_precision(const Engine& engine, Precision wanted, bool training);

}  // namespace alexnet
