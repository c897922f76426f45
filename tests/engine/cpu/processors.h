// Processors of five kinds, networks and options to plan for: the planner gets what a processor can do, so
// that all plans can be tested on any.
#pragma once

#include <string>

#include "engine/cpu/plan/plan.h"

namespace alexnet::cpu {

/// Of ARM; with AVX2; with AVX-512; with its bf16 products; with AMX tiles, too.
Processor neon();
Processor avx2();
Processor with_avx512();
Processor avx512_bf16();
Processor amx();

/// At its own size, for ten classes.
NetworkSpec preset(const char* name);
/// Groups that fill blocks of neither 16 nor 8 channels, of 8 alone, and of both.
NetworkSpec groups();
/// A first layer of many channels, and one layer of everything that is not fused.
NetworkSpec odd();

/// Of 32 images.
CompileOptions training(Precision precision = Precision::kFloat32);
CompileOptions inference(int batch, Precision precision = Precision::kFloat32);

/// The plan as text, behind a line's end.
std::string plan(const Processor& processor, const NetworkSpec& spec, CompileOptions options,
                 Convolution convolution = Convolution::kAuto);

}  // namespace alexnet::cpu
