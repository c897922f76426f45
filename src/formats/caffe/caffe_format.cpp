#include "formats/caffe/caffe_format.h"

#include "alexnet/error.h"
#include "formats/caffe/binary.h"
#include "formats/caffe/read_model.h"
#include "formats/caffe/write_model.h"

namespace alexnet {
namespace {

class CaffeImporter final : public Importer {
 public:
  std::string_view name() const override { return "Caffe"; }

  bool recognises(std::span<const std::byte> data, std::string_view ending) const override {
    return ending == ".prototxt" || caffe::looks_like_network(data).value_or(ending == ".caffemodel");
  }

  StoredWeights read(const Bytes& file) const override { return read_with(file, {}); }

  StoredWeights read_with(const Bytes& file, const ImportOptions& options) const override {
    if (file.name.ends_with(".prototxt"))
      throw DataError(file.name, "is a network without weights",
                      "name its .caffemodel, and this file with --network");
    return caffe::read_model(file, options);
  }
};

class CaffeExporter final : public Exporter {
 public:
  std::string_view name() const override { return "caffe"; }
  std::string_view ending() const override { return ".caffemodel"; }
  bool takes_preprocessing() const override { return false; }

  void write(const Model& model, const ExportOptions&, std::ostream& out,
             const std::string& name) const override {
    caffe::write_model(model, out, name);
  }

  std::vector<SideFile> side_files(const Model& model, const std::string& name) const override {
    return caffe::side_files(model, name);
  }
};

}  // namespace

const Importer& caffe_importer() {
  static const CaffeImporter importer;
  return importer;
}

const Exporter& caffe_exporter() {
  static const CaffeExporter exporter;
  return exporter;
}

}  // namespace alexnet
