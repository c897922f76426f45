// Stands in for ONNX in a program that was built without it.
#include "formats/onnx/onnx_format.h"

#include "alexnet/error.h"

namespace alexnet {
namespace {

[[noreturn]] void refuse(const std::string& file) {
  throw UsageError(file, "needs ONNX, which is not part of this program",
                   "build it with -D ALEXNET_WITH_ONNX=ON");
}

class AbsentImporter final : public Importer {
 public:
  std::string_view name() const override { return "onnx"; }
  bool recognises(std::span<const std::byte>, std::string_view ending) const override {
    return ending == ".onnx";
  }
  StoredWeights read(const Bytes& file) const override { refuse(file.name); }
};

class AbsentExporter final : public Exporter {
 public:
  std::string_view name() const override { return "onnx"; }
  std::string_view ending() const override { return ".onnx"; }
  bool takes_preprocessing() const override { return true; }

  void write(const Model&, const ExportOptions&, std::ostream&, const std::string& name) const override {
    refuse(name);
  }
};

}  // namespace

const Importer& onnx_importer() {
  static const AbsentImporter importer;
  return importer;
}

const Exporter& onnx_exporter() {
  static const AbsentExporter exporter;
  return exporter;
}

}  // namespace alexnet
