#include "formats/registry/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "alexnet/error.h"
#include "base/content.h"
#include "formats/caffe/caffe_format.h"
#include "formats/keras/keras_format.h"
#include "formats/onnx/onnx_format.h"
#include "formats/pytorch/pytorch_format.h"
#include "formats/safetensors/safetensors_format.h"

namespace alexnet {
namespace {

/// ".safetensors" of "a/Model.Safetensors".
std::string ending_of(const std::string& name) {
  std::string ending = std::filesystem::path(name).extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

[[noreturn]] void refuse(const Bytes& file) {
  constexpr std::size_t kShown = 8;
  if (file.data.empty()) throw DataError(file.name, "is empty");
  std::string problem = "is not a model of a known format: it starts with";
  for (const std::byte byte : file.data.first(std::min(kShown, file.data.size())))
    problem += fmt::format(" {:02x}", std::to_integer<int>(byte));
  if (const std::string_view kind = describe_content(file.data); !kind.empty())
    problem += fmt::format(", like {}", kind);
  std::vector<std::string_view> known;
  for (const Importer* importer : importers()) known.push_back(importer->name());
  throw DataError(file.name, problem, fmt::format("known: {}", fmt::join(known, ", ")));
}

}  // namespace

std::span<const Importer* const> importers() {
  static const std::array kImporters = {&safetensors_importer(), &pytorch_importer(), &keras_importer(),
                                        &onnx_importer(), &caffe_importer()};
  return kImporters;
}

std::span<const Exporter* const> exporters() {
  static const std::array kExporters = {&safetensors_exporter(), &onnx_exporter(), &keras_exporter(),
                                        &caffe_exporter()};
  return kExporters;
}

const Exporter& find_exporter(const std::string& format, const std::string& file) {
  const std::string ending = ending_of(file);
  std::vector<std::string_view> known;
  for (const Exporter* exporter : exporters()) {
    if (format.empty() ? exporter->ending() == ending : exporter->name() == format) return *exporter;
    known.push_back(exporter->name());
  }
  if (format.empty())
    throw UsageError(file, fmt::format("its ending '{}' is not that of a format", ending),
                     fmt::format("choose one of {}", fmt::join(known, ", ")));
  throw UsageError("format", fmt::format("there is no '{}'", format),
                   fmt::format("choose one of {}", fmt::join(known, ", ")));
}

const Importer& find_importer(const Bytes& file) {
  const std::string ending = ending_of(file.name);
  for (const Importer* importer : importers())
    if (importer->recognises(file.data, ending)) return *importer;
  refuse(file);
}

}  // namespace alexnet
