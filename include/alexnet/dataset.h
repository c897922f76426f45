// Labelled images: folders of class folders, archives of the same, CSV lists, IDX pairs, CIFAR.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/export.h"
#include "alexnet/image.h"

namespace alexnet {

/// Where images come from. Thread-safe.
class ALEXNET_API ImageSource {
 public:
  virtual ~ImageSource() = default;
  /// Number of images.
  virtual std::size_t size() const = 0;
  /// Class index of image i.
  virtual int label(std::size_t i) const = 0;
  /// For people: "train/tench/n01.jpg", "train-images-idx3-ubyte.gz[17]".
  virtual std::string name(std::size_t i) const = 0;
  /// Decodes image i as gray (channels 1) or RGB (channels 3), upright. DataError when it cannot be.
  virtual Image load(std::size_t i, int channels) const = 0;
  /// How many bytes image i is decoded from; 0 where the source does not know.
  virtual std::size_t encoded_size(std::size_t) const { return 0; }
  /// The bytes that image i is decoded from, valid as long as the source; empty where it has none. DataError
  /// when they cannot be read.
  virtual Bytes encoded(std::size_t) const { return {}; }
};

/// Training and validation images that share their classes.
struct Dataset {
  std::vector<std::string> classes;  ///< names by class index: DatasetOptions::classes, or sorted by name
  /// Labels are numbers (IDX): they stand for the classes of a model by position, not by name.
  bool numbered = false;
  std::shared_ptr<const ImageSource> train;       ///< never null
  std::shared_ptr<const ImageSource> validation;  ///< null when there is none
  std::string validation_from;     ///< for people: where these images come from; empty when there are none
  std::vector<std::string> notes;  ///< for people: what was passed over, which classes lack images
  /// For people: how the data is another than that of DatasetOptions::classes, where it `remains`.
  std::vector<std::string> changes{};
};

/// Options of open_dataset().
struct DatasetOptions {
  /// Validation data from elsewhere (--val); empty: the val/, valid/, validation/ or test/ folder inside, if
  /// any.
  std::filesystem::path validation;
  /// Fraction of the training images held out per class (stratified) when there is no validation data; 0:
  /// none.
  double validation_split = 0.0;
  /// Training images kept of each class, at most, those of validation apart; 0: all. Which ones follows
  /// from the seed.
  std::size_t per_class = 0;
  std::uint64_t seed = 0;  ///< decides which images `validation_split` and `per_class` draw
  /// Names a model already knows (fine-tuning with the same classes, evaluation); empty: taken from the data.
  /// With it, labels are indices into it, and a class it does not have is a DataError naming it.
  std::vector<std::string> classes;
  /// Finds the images that are known to have been held out: sorted indices into the source. They replace what
  /// would be drawn with `validation_split`; without a split, other validation images are left out.
  std::function<std::vector<std::size_t>(const ImageSource&)> held_out{};
  /// The data of a model that is trained already, as far as it is there: `classes` may be without images,
  /// images of other classes are left out (Dataset::changes).
  bool remains = false;
};

/// Opens training data (and validation data, where there is some). Formats by content: a folder holding class
/// folders (or train/ and val/ of such); .zip, .tar, .tar.gz of the same; a .csv list of files and classes; a
/// folder with, or the path of, an IDX image file (its label file beside it), .gz too; a folder of CIFAR's
/// files. Classes that validation lacks are noted. DataError when there is nothing usable: empty, one class,
/// classes without images, classes that only validation has, folders that may be classes or not.
ALEXNET_API Dataset open_dataset(const std::filesystem::path& path, const DatasetOptions& options = {});

/// Opens data to be tested on: the same formats; where a folder has a validation part, that part. One class
/// is enough. Labels are indices into `classes`. `notes`, where given, get what people should know, as
/// Dataset::notes.
ALEXNET_API std::shared_ptr<const ImageSource> open_evaluation(const std::filesystem::path& path,
                                                               const std::vector<std::string>& classes,
                                                               std::vector<std::string>* notes = nullptr);

/// UsageError naming `flag` when `results`, a file or folder that is to be written, lies in the folder `data`
/// where it would be among its images the next time. `command` is the command that needs a flag added to be
/// right, "alexnet train photos"; empty: the error suggests the flag alone.
ALEXNET_API void require_outside(const std::filesystem::path& data, const std::string& flag,
                                 const std::filesystem::path& results, const std::string& command = {});

}  // namespace alexnet
