// What a format of model files implements: a folder of src/formats/ each, listed in src/formats/registry/.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

/// Reads files of one format. Has no state: any thread may use it.
class Importer {
 public:
  virtual ~Importer() = default;
  /// As people call the format: "safetensors".
  virtual std::string_view name() const = 0;
  /// Whether a file is of this format, by its first bytes. `ending` is that of its name (".safetensors",
  /// or empty), a hint for files that end before there is enough to tell.
  virtual bool recognises(std::span<const std::byte> data, std::string_view ending) const = 0;
  /// All that the file says: at least tensors by name; a whole model has a spec, classes and preprocessing
  /// too, and tensors that have the spec's names and shapes. That they fit together is checked by the caller.
  /// `origin` tells how they came out of the file, except for its format. Nothing is guessed silently: what
  /// the file does not say is one of its assumptions, or left out. DataError naming the file when it is
  /// damaged, or not understood.
  virtual StoredWeights read(const Bytes& file) const = 0;
  /// The same with other files that belong to it. UsageError where the format has no use for them.
  virtual StoredWeights read_with(const Bytes& file, const ImportOptions& options) const;
};

/// A file that is written beside another one, under its name with this ending.
struct SideFile {
  std::string ending, content;
};

/// Writes models in one format. Has no state: any thread may use it.
class Exporter {
 public:
  virtual ~Exporter() = default;
  /// As people call the format, in small letters: "onnx".
  virtual std::string_view name() const = 0;
  /// That of its files' names: ".onnx".
  virtual std::string_view ending() const = 0;
  /// Whether a file contains the computation, and so can begin with preprocessing.
  virtual bool takes_preprocessing() const = 0;
  /// `model` is whole: its parts fit together; `options` ask only for what the format takes. DataError naming
  /// `name` when it cannot be written.
  virtual void write(const Model& model, const ExportOptions& options, std::ostream& out,
                     const std::string& name) const = 0;
  /// What a file of this name has beside it.
  virtual std::vector<SideFile> side_files(const Model& model, const std::string& name) const;
};

}  // namespace alexnet
