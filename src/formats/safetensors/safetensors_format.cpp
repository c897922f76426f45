#include "formats/safetensors/safetensors_format.h"

#include <utility>

#include "formats/check_model.h"
#include "formats/own_model.h"
#include "formats/safetensors/bare_weights.h"
#include "formats/safetensors/safetensors.h"

namespace alexnet {
namespace {

class SafetensorsImporter final : public Importer {
 public:
  std::string_view name() const override { return "safetensors"; }

  bool recognises(std::span<const std::byte> data, std::string_view ending) const override {
    return looks_like_safetensors(data).value_or(ending == ".safetensors");
  }

  StoredWeights read(const Bytes& file) const override {
    TensorFile content = load_tensors(file);
    return is_own_format(content) ? read_own_model(std::move(content), file.name)
                                  : read_bare_weights(std::move(content), file.name);
  }
};

class SafetensorsExporter final : public Exporter {
 public:
  std::string_view name() const override { return "safetensors"; }
  std::string_view ending() const override { return ".safetensors"; }
  bool takes_preprocessing() const override { return false; }

  void write(const Model& model, const ExportOptions&, std::ostream& out,
             const std::string& name) const override {
    save_tensors(tensors_of(model), own_metadata(model), out, name);
  }
};

}  // namespace

const Importer& safetensors_importer() {
  static const SafetensorsImporter importer;
  return importer;
}

const Exporter& safetensors_exporter() {
  static const SafetensorsExporter exporter;
  return exporter;
}

}  // namespace alexnet
