#include "formats/onnx/onnx_format.h"

#include "formats/onnx/parse.h"
#include "formats/onnx/read_model.h"
#include "formats/onnx/write_model.h"

namespace alexnet {
namespace {

class OnnxImporter final : public Importer {
 public:
  std::string_view name() const override { return "ONNX"; }

  bool recognises(std::span<const std::byte> data, std::string_view ending) const override {
    return onnx::looks_like_onnx(data).value_or(ending == ".onnx");
  }

  StoredWeights read(const Bytes& file) const override { return onnx::read_model(file); }
};

class OnnxExporter final : public Exporter {
 public:
  std::string_view name() const override { return "onnx"; }
  std::string_view ending() const override { return ".onnx"; }
  bool takes_preprocessing() const override { return true; }

  void write(const Model& model, const ExportOptions& options, std::ostream& out,
             const std::string& name) const override {
    onnx::write_model(model, options, out, name);
  }
};

}  // namespace

const Importer& onnx_importer() {
  static const OnnxImporter importer;
  return importer;
}

const Exporter& onnx_exporter() {
  static const OnnxExporter exporter;
  return exporter;
}

}  // namespace alexnet
