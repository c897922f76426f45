// Models and weights from files of any format, and models into files.
#include <fmt/format.h>

#include <ostream>
#include <utility>

#include "alexnet/error.h"
#include "base/file.h"
#include "formats/check_model.h"
#include "formats/families/families.h"
#include "formats/registry/registry.h"

namespace alexnet {
namespace {

Model joined(StoredWeights stored, const std::string& file) {
  return {.spec = *std::move(stored.spec),
          .weights = std::move(stored.weights),
          .classes = std::move(stored.classes),
          .preprocessing = *std::move(stored.preprocessing),
          .provenance = std::move(stored.provenance),
          .file = file};
}

}  // namespace

StoredWeights load_weights(const Bytes& bytes, const ImportOptions& options) {
  const Importer& importer = find_importer(bytes);
  StoredWeights stored = importer.read_with(bytes, options);
  stored.origin.format = importer.name();
  if (!stored.spec) recognise_family(stored);
  if (!stored.spec) return stored;
  std::string digest = stored.preprocessing
                           ? check_model(joined(stored, bytes.name), bytes.name)  // shares the tensors
                           : check_weights(*stored.spec, stored.weights, bytes.name);
  if (!stored.digest.empty() && stored.digest != digest)
    throw DataError(bytes.name, "is damaged: its tensors do not match its digest", "restore it from a copy");
  stored.digest = std::move(digest);
  return stored;
}

StoredWeights load_weights(const std::filesystem::path& path, const ImportOptions& options) {
  return load_weights(Bytes::map(path), options);
}

Model to_model(StoredWeights stored, const std::string& file) {
  if (!stored.spec)
    throw DataError(file, "contains weights but no network",
                    "train a network that starts from them: alexnet train DATA --init " + file);
  if (!stored.preprocessing)
    throw DataError(file, "does not say how images are prepared for its network",
                    "say it: alexnet import " + file +
                        " --assume rgb,range=0..1,mean=0.5,std=0.5,resize=256 --out MODEL");
  return joined(std::move(stored), file);
}

Model load_model(const Bytes& bytes) { return to_model(load_weights(bytes), bytes.name); }

Model load_model(const std::filesystem::path& path) { return load_model(Bytes::map(path)); }

std::vector<std::string> export_formats() {
  std::vector<std::string> names;
  for (const Exporter* exporter : exporters()) names.emplace_back(exporter->name());
  return names;
}

void export_model(const Model& model, std::ostream& out, const ExportOptions& options,
                  const std::string& name) {
  const Exporter& exporter = find_exporter(options.format, name);
  if (options.with_preprocessing && !exporter.takes_preprocessing())
    throw UsageError(name,
                     fmt::format("preprocessing cannot be computed in a file of format {}", exporter.name()),
                     "such a file describes it instead");
  check_model(model, name);
  exporter.write(model, options, out, name);
}

void export_model(const Model& model, const std::filesystem::path& path, const ExportOptions& options) {
  AtomicFile file(path);
  export_model(model, file.stream(), options, path.string());
  for (const SideFile& side : find_exporter(options.format, path.string()).side_files(model, path.string())) {
    AtomicFile beside(std::filesystem::path(path).replace_extension(side.ending));
    beside.stream() << side.content;
    beside.commit();
  }
  file.commit();
}

void save_model(const Model& model, std::ostream& out, const std::string& name) {
  export_model(model, out, {.format = std::string(exporters().front()->name())}, name);
}

void save_model(const Model& model, const std::filesystem::path& path) {
  AtomicFile file(path);
  save_model(model, file.stream(), path.string());
  file.commit();
}

}  // namespace alexnet
