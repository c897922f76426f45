// Stands in for Caffe's format in a program that was built without it.
#include "formats/caffe/caffe_format.h"

#include "alexnet/error.h"

namespace alexnet {
namespace {

[[noreturn]] void refuse(const std::string& file) {
  throw UsageError(file, "needs Caffe's format, which is not part of this program",
                   "build it with -D ALEXNET_WITH_CAFFE=ON");
}

class AbsentImporter final : public Importer {
 public:
  std::string_view name() const override { return "Caffe"; }
  bool recognises(std::span<const std::byte>, std::string_view ending) const override {
    return ending == ".caffemodel" || ending == ".prototxt";
  }
  StoredWeights read(const Bytes& file) const override { refuse(file.name); }
};

class AbsentExporter final : public Exporter {
 public:
  std::string_view name() const override { return "caffe"; }
  std::string_view ending() const override { return ".caffemodel"; }
  bool takes_preprocessing() const override { return false; }

  void write(const Model&, const ExportOptions&, std::ostream&, const std::string& name) const override {
    refuse(name);
  }
};

}  // namespace

const Importer& caffe_importer() {
  static const AbsentImporter importer;
  return importer;
}

const Exporter& caffe_exporter() {
  static const AbsentExporter exporter;
  return exporter;
}

}  // namespace alexnet
