// A trained model: network, weights, and all that is needed to use it on an image. One .safetensors file.
// And the weights of other programs.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/export.h"
#include "alexnet/image.h"
#include "alexnet/network.h"
#include "alexnet/tensor.h"

namespace alexnet {

/// A network with its weights, its classes and its preprocessing.
struct Model {
  NetworkSpec spec;                  ///< ends in the layer whose outputs are the classes
  NamedTensors weights;              ///< every tensor of parameters(spec), canonical
  std::vector<std::string> classes;  ///< one name per output
  Preprocessing preprocessing;       ///< from an image to the input of the network
  /// Free text by key: where the model came from ("data", "epoch", "val_top1", "program", ...).
  std::map<std::string, std::string> provenance;
  std::string file{};  ///< what errors call it: the file it was loaded from; empty: none
};

/// What a file of bare weights says of the local response normalisation around them; nothing where it is
/// silent.
struct StatedResponse {
  std::optional<float> size,                           ///< as Lrn::size
      k,                                               ///< as Lrn::k
      alpha,                                           ///< as Lrn::alpha
      beta;                                            ///< as Lrn::beta
  Lrn::Convention convention = Lrn::Convention::kSum;  ///< kMean where the file says so
  std::string text;                                    ///< as it stands in the file
};

/// What a file of bare weights says of the groups of convolutions, by layer; 1 of those it does not name.
struct StatedGroups {
  std::map<std::string, int> by_layer;  ///< number of groups, by name of the convolution
  std::string text;                     ///< as it stands in the file
};

/// What any file of weights holds: a whole model, or weights and what is known of their use.
struct StoredWeights {
  NamedTensors weights;              ///< of a whole model: every tensor of parameters(spec), canonical
  std::optional<NetworkSpec> spec;   ///< none: bare weights
  std::vector<std::string> classes;  ///< one name per output; empty: bare weights
  /// How the network that they come from saw images; none when the file does not say.
  std::optional<Preprocessing> preprocessing;
  std::optional<StatedResponse> response;  ///< none: a whole model, or the file does not say
  std::optional<StatedGroups> groups;      ///< none: a whole model, or the file does not say
  /// As Model::provenance; of bare weights, the metadata that has no field here.
  std::map<std::string, std::string> provenance;
  /// A digest of the tensors that the file states, compared with them by load_weights(); empty: it states
  /// none.
  std::string digest{};
};

/// Reads any format known here, recognised by its first bytes. Tensors are views into the bytes where these
/// can be used as they lie. DataError naming the file and what is wrong: of no known format, truncated,
/// offsets that lie, bad metadata; of a whole model also tensors missing, extra or misshapen, values that are
/// not finite or too large to compute with, and tensors that are others than those whose digest the file
/// states.
ALEXNET_API StoredWeights load_weights(const Bytes& bytes);
/// The same for a file.
ALEXNET_API StoredWeights load_weights(const std::filesystem::path& path);

/// The same of a whole model. DataError also for bare weights.
ALEXNET_API Model load_model(const Bytes& bytes);
/// The same for a file.
ALEXNET_API Model load_model(const std::filesystem::path& path);

/// DataError naming `name` when the model is not whole, or cannot be written.
ALEXNET_API void save_model(const Model& model, std::ostream& out, const std::string& name = "model");
/// Atomic: a kill at any moment leaves the old file or the new one, whole.
ALEXNET_API void save_model(const Model& model, const std::filesystem::path& path);

/// The model that the folder of a training run stands for: best.safetensors, or last.safetensors where there
/// is no best. None before the end of the first epoch.
ALEXNET_API std::optional<std::filesystem::path> trained_model(const std::filesystem::path& run);

/// Where people may name a model file or a run folder: the file. DataError for a folder without a model;
/// anything else is taken for a file, which need not be there.
ALEXNET_API std::filesystem::path model_file(const std::filesystem::path& model);

/// Tensors of any .safetensors file (F32, F16, BF16, F64, integers and BOOL become float32), and its
/// metadata.
struct TensorFile {
  NamedTensors tensors;                         ///< by name, as float32
  std::map<std::string, std::string> metadata;  ///< all of it, by key
};
/// Reads tensors without asking for a model. DataError when the file is damaged or of another format.
ALEXNET_API TensorFile load_tensors(const Bytes& bytes);
/// The same for a file.
ALEXNET_API TensorFile load_tensors(const std::filesystem::path& path);

/// Reads a NumPy file: float16/32/64 and integers of 8 to 64 bits, little-endian, in C order, become float32.
/// DataError for anything else.
ALEXNET_API Tensor read_npy(const Bytes& bytes);
/// The same for a file.
ALEXNET_API Tensor read_npy(const std::filesystem::path& path);
/// Writes float32 values in C order. UsageError when they do not fill the shape; DataError naming `name` when
/// they cannot be written.
ALEXNET_API void write_npy(std::ostream& out, const Shape& shape, std::span<const float> values,
                           const std::string& name = "array");
/// The same into a file. Atomic.
ALEXNET_API void write_npy(const std::filesystem::path& path, const Shape& shape,
                           std::span<const float> values);

}  // namespace alexnet
