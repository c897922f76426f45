#include "formats/keras/keras_format.h"

#include "formats/hdf5/read_hdf5.h"
#include "formats/keras/read_model.h"
#include "formats/keras/write_model.h"
#include "formats/zip/zip_directory.h"

namespace alexnet {
namespace {

class KerasImporter final : public Importer {
 public:
  std::string_view name() const override { return "Keras"; }

  bool recognises(std::span<const std::byte> data, std::string_view ending) const override {
    const std::string_view first = first_zip_entry(data);
    return hdf5::looks_like_hdf5(data) || first == "metadata.json" || first == "config.json" ||
           first == "model.weights.h5" || (ending == ".keras" && !first.empty());
  }

  StoredWeights read(const Bytes& file) const override { return keras::read_model(file); }
};

class KerasExporter final : public Exporter {
 public:
  std::string_view name() const override { return "keras"; }
  std::string_view ending() const override { return ".keras"; }
  bool takes_preprocessing() const override { return false; }

  void write(const Model& model, const ExportOptions&, std::ostream& out,
             const std::string& name) const override {
    keras::write_model(model, out, name);
  }
};

}  // namespace

const Importer& keras_importer() {
  static const KerasImporter importer;
  return importer;
}

const Exporter& keras_exporter() {
  static const KerasExporter exporter;
  return exporter;
}

}  // namespace alexnet
