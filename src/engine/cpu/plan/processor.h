// What the planner knows of the processor.
#pragma once

#include <string>

#include "engine/cpu/onednn/convolution.h"

namespace alexnet::cpu {

struct Processor {
  /// Channels to a block of activations, as oneDNN's convolutions want them: activation_block() of
  /// onednn/convolution.h.
  int activation_block = 8;
  /// Floats in a vector of this engine's own kernels. They can be set to use less than oneDNN does, and the
  /// other way round.
  int vector_floats = 8;
  /// Its vector instructions, as people call them.
  std::string vectors = "AVX2 or less";
  bool has_avx512 = false;
  /// It multiplies bf16 numbers, twice as many at a time as float32.
  bool multiplies_bf16 = false;
  /// It multiplies tiles of bf16 numbers (AMX), and the system lets this process do so.
  bool multiplies_tiles = false;
  /// What oneDNN's direct convolution does there: convolves_fast() and prefers_plain_input() of
  /// onednn/convolution.h.
  bool (*convolves_fast)(const ConvGeometry&) = nullptr;
  bool (*prefers_plain_input)(const ConvGeometry&) = nullptr;
};

/// The processor that this process runs on, as far as oneDNN (DNNL_MAX_CPU_ISA) and Highway may use it.
Processor this_processor();

/// What of it is used, and what is done without because it is not there: "AVX-512, bf16 products".
std::string instructions(const Processor& processor);

}  // namespace alexnet::cpu
