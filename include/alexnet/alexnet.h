// AlexNet: train, fine-tune, evaluate, classify. Everything the library offers.
//
//   alexnet::Classifier classifier(alexnet::load_model("best.safetensors"));
//   const std::filesystem::path files[] = {"photo.jpg"};
//   for (const auto& result : classifier.classify(files))
//     std::cout << (result.error.empty() ? result.predictions[0].name : result.error) << '\n';
#pragma once

/// @namespace alexnet
/// Networks of the AlexNet family: training, evaluation, classification, explanation, import and export.

#include "alexnet/bench.h"
#include "alexnet/bytes.h"
#include "alexnet/classifier.h"
#include "alexnet/dataset.h"
#include "alexnet/embed.h"
#include "alexnet/engines.h"
#include "alexnet/error.h"
#include "alexnet/evaluate.h"
#include "alexnet/explain.h"
#include "alexnet/filters.h"
#include "alexnet/image.h"
#include "alexnet/image_files.h"
#include "alexnet/image_formats.h"
#include "alexnet/image_input.h"
#include "alexnet/kernels.h"
#include "alexnet/log.h"
#include "alexnet/model.h"
#include "alexnet/network.h"
#include "alexnet/output_file.h"
#include "alexnet/presets.h"
#include "alexnet/report.h"
#include "alexnet/settings.h"
#include "alexnet/similar.h"
#include "alexnet/studies.h"
#include "alexnet/tensor.h"
#include "alexnet/threads.h"
#include "alexnet/train.h"
#include "alexnet/zoo.h"
