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

/// A property of a model that other programs' files may leave open, and the source of its value.
struct Assumption {
  /// Source of the value.
  enum class From {
    kFile,     ///< stated in the file
    kFamily,   ///< known of networks with these names and shapes
    kDefault,  ///< usual where nothing else is known
    kFlag      ///< given by the user
  };
  std::string what;            ///< the property: "channel order", "resize", "class names"
  std::string value;           ///< its value as text: "RGB", "256, bilinear, antialiased"
  From from = From::kDefault;  ///< source of the value
};

/// The tensor of a file that a canonical tensor was made from.
struct TensorSource {
  std::string name;  ///< in the file
  Shape shape;       ///< in the file
  /// The same values as the tensor that is permuted, where one axis is divided: {6, 6, 256, 4096} of Keras's
  /// {9216, 4096}. Empty: `shape`.
  Shape view{};
  /// For each axis of the permuted tensor, its axis in `view`; {3, 2, 0, 1} makes OIHW of HWIO. Empty: the
  /// axes stay in place.
  std::vector<int> permutation{};
  std::string change{};  ///< any other change, in words: "divided by blob 2"; empty: none
};

/// How weights came out of a file.
struct Origin {
  std::string format;    ///< as people call it: "safetensors", "PyTorch"; set by load_weights()
  std::string producer;  ///< program that wrote the file; empty: unknown
  std::string version;   ///< version of that program or of the format, as text; empty: unknown
  std::string family;    ///< networks that names and shapes belong to: "torchvision AlexNet"; empty: unknown
  std::vector<Assumption> assumptions;          ///< in the order in which people should read them
  std::map<std::string, TensorSource> sources;  ///< by name of the canonical tensor; empty: names are kept
  std::map<std::string, std::string> ignored;   ///< tensors that are not used: reason by name in the file
  /// What the source program calls the output of a layer, by name of the layer; those that are known.
  std::map<std::string, std::string> layers{};
};

/// What any file of weights holds: a whole model, or weights and what is known of their use.
struct StoredWeights {
  NamedTensors weights;              ///< of a whole model: every tensor of parameters(spec), canonical
  std::optional<NetworkSpec> spec;   ///< none: bare weights
  std::vector<std::string> classes;  ///< one name per output; empty: bare weights
  /// How the network that they come from saw images; none when this is not known. A network without it is no
  /// model yet: load_model() refuses it.
  std::optional<Preprocessing> preprocessing;
  std::optional<StatedResponse> response;  ///< none: a whole model, or the file does not say
  std::optional<StatedGroups> groups;      ///< none: a whole model, or the file does not say
  /// As Model::provenance; of bare weights, the metadata that has no field here.
  std::map<std::string, std::string> provenance;
  /// Digest of the tensors of a whole model, set by load_weights(), which compares it with the one that the
  /// file states; empty: bare weights.
  std::string digest{};
  Origin origin{};  ///< how the weights came out of the file
};

/// Other files that belong to a file of weights.
struct ImportOptions {
  /// Definition of the network, of Caffe's weights (.prototxt); empty: the file of that ending beside the
  /// weights, or what the weights say themselves.
  std::filesystem::path network{};
  /// Mean image, of Caffe's networks (.binaryproto); empty: the file beside the weights that the network
  /// names.
  std::filesystem::path mean{};
};

/// Reads any format known here, recognised by its first bytes. Tensors are views into the bytes where these
/// can be used as they lie. DataError naming the file and what is wrong: of no known format, truncated,
/// offsets that lie, bad metadata; of a whole model also tensors missing, extra or misshapen, values that are
/// not finite or too large to compute with, and tensors that are others than those whose digest the file
/// states.
/// UsageError for options that the format has no use for.
ALEXNET_API StoredWeights load_weights(const Bytes& bytes, const ImportOptions& options = {});
/// The same for a file.
ALEXNET_API StoredWeights load_weights(const std::filesystem::path& path, const ImportOptions& options = {});

/// The model that weights with a network are. DataError naming `file` for bare weights, and when it is not
/// known how images are prepared.
ALEXNET_API Model to_model(StoredWeights stored, const std::string& file);

/// Names the classes. DataError naming `where` when their number is not that of the outputs.
ALEXNET_API void name_classes(StoredWeights& stored, std::vector<std::string> classes,
                              const std::string& where);

/// Sets how images are prepared: "bgr,range=0..255,mean=104/117/123,std=1,resize=256", any of these, and
/// "resize=256x300" (width x height, whatever the shape of the image), "interpolation=bicubic",
/// "antialias=off", "crop=floor" (Preprocessing::floor_crop). Means and standard deviations are in units of
/// the range, one for each channel or one for all; without a range, it is 0..1. UsageError for anything else,
/// and for weights without a network.
ALEXNET_API void assume(StoredWeights& stored, const std::string& text);

/// The same of a whole model. DataError also for bare weights.
ALEXNET_API Model load_model(const Bytes& bytes);
/// The same for a file.
ALEXNET_API Model load_model(const std::filesystem::path& path);

/// DataError naming `name` when the model is not whole, or cannot be written.
ALEXNET_API void save_model(const Model& model, std::ostream& out, const std::string& name = "model");
/// Atomic: a kill at any moment leaves the old file or the new one, whole.
ALEXNET_API void save_model(const Model& model, const std::filesystem::path& path);

/// How a model is written for other programs.
struct ExportOptions {
  std::string format{};  ///< one of export_formats(); empty: the one that the file name's ending belongs to
  /// The network of the file takes RGB (or gray) values from 0 to 1, and begins with the mean, the standard
  /// deviation and the order of channels of the preprocessing. Only for formats that contain the computation,
  /// as ONNX does.
  bool with_preprocessing = false;
};
/// Names of the formats that models are written in: "safetensors", "onnx", "keras", "caffe".
ALEXNET_API std::vector<std::string> export_formats();
/// Writes a model in any of these formats. UsageError for a format or an option that there is not; DataError
/// naming `name` when the model is not whole, the format has no place for it, or it cannot be written.
ALEXNET_API void export_model(const Model& model, std::ostream& out, const ExportOptions& options,
                              const std::string& name = "model");
/// The same into a file. Atomic. Other files of the format (Caffe's .prototxt and .binaryproto) are written
/// beside it, under its name with another ending.
ALEXNET_API void export_model(const Model& model, const std::filesystem::path& path,
                              const ExportOptions& options = {});

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
