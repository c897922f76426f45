#include "data/sources/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "base/memory.h"
#include "data/files/gzip.h"
#include "text/text.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using Span = std::span<const std::byte>;

constexpr std::uint32_t kImagesMagic = 0x803, kLabelsMagic = 0x801;  // unsigned bytes; 3 or 1 dimensions
constexpr std::size_t kImagesHeader = 16, kLabelsHeader = 8;

// The file of labels of Fashion-MNIST holds numbers only; these are the names its authors give them.
constexpr std::array<std::string_view, 10> kFashion = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

std::uint32_t big_endian(Span bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}

/// An IDX file, as it lies or unpacked.
class IdxFile {
 public:
  IdxFile(Bytes file, std::uint32_t magic, std::size_t dimensions)
      : file_(std::move(file)), bytes_(file_.data), extents_(read_extents(magic, dimensions)) {}

  const std::string& name() const { return file_.name; }
  Span bytes() const { return bytes_; }
  const std::vector<std::size_t>& extents() const { return extents_; }

 private:
  /// Reads the header of `dimensions` extents and checks that as many bytes follow as it says.
  std::vector<std::size_t> read_extents(std::uint32_t magic, std::size_t dimensions) {
    const std::size_t header = 4 + 4 * dimensions;
    const bool packed = is_gzip(bytes_);
    std::vector<std::byte> start;
    if (packed) start = gunzip(bytes_, header, file_.name);
    const Span head = packed ? Span(start) : bytes_;
    if (head.size() >= 4 && big_endian(head, 0) != magic)
      throw DataError(file_.name,
                      fmt::format("starts with 0x{:08x}, but IDX {} start with 0x{:08x}", big_endian(head, 0),
                                  magic == kImagesMagic ? "images" : "labels", magic),
                      "name the image file of an IDX pair");
    if (head.size() < header) throw DataError(file_.name, "is too short for an IDX file", "copy it again");
    std::vector<std::size_t> extents;
    std::size_t expected = 1;
    bool overflow = false;
    for (std::size_t d = 0; d < dimensions; ++d) {
      extents.push_back(big_endian(head, 4 + 4 * d));
      overflow = overflow || __builtin_mul_overflow(expected, extents.back(), &expected);
    }
    // gzip packs by a factor of 1032 at most; what claims more is not worth the memory.
    constexpr std::size_t kBestPacking = 1032;
    const std::size_t max = packed ? bytes_.size() * kBestPacking : bytes_.size();
    if (overflow || expected > max) throw_size(extents, "fewer");
    if (packed) {
      require_memory(expected, "unpack the file with gunzip first: it is then read in place");
      unpacked_ = gunzip(bytes_, header + expected + 1, file_.name);
      bytes_ = unpacked_;
      file_.keep.reset();
    }
    if (bytes_.size() != header + expected)
      throw_size(extents, bytes_.size() < header + expected ? "fewer" : "more");
    return extents;
  }

  [[noreturn]] void throw_size(const std::vector<std::size_t>& extents, std::string_view difference) const {
    throw DataError(
        file_.name,
        fmt::format("should contain {} bytes but contains {}", fmt::join(extents, " x "), difference),
        "download or copy it again");
  }

  Bytes file_;
  std::vector<std::byte> unpacked_;
  Span bytes_;
  std::vector<std::size_t> extents_;
};

std::string without_gz(std::string name) {
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

/// The file of labels beside a file of images: the same name with "labels" for "images" and "idx1" for
/// "idx3".
fs::path label_file(const fs::path& images) {
  const std::string plain = without_gz(images.filename().string());
  std::string name = plain;
  for (const auto& [from, to] :
       {std::pair<std::string_view, std::string_view>{"images", "labels"}, {"idx3", "idx1"}})
    if (const std::size_t at = name.rfind(from); at != std::string::npos) name.replace(at, from.size(), to);
  for (const std::string_view ending : {"", ".gz"}) {
    fs::path file = images.parent_path() / (name + std::string(ending));
    std::error_code error;
    if (name != plain && fs::exists(file, error)) return file;
  }
  throw DataError(images.string(), "has no label file beside it",
                  name == plain ? "name the pair as train-images-idx3-ubyte and train-labels-idx1-ubyte"
                                : "put " + name + " (or .gz) into the same folder");
}

class IdxImages final : public ImageSource {
 public:
  IdxImages(IdxFile images, IdxFile labels)
      : images_(std::move(images)),
        labels_(std::move(labels)),
        name_(fs::path(images_.name()).filename().string()),
        extents_(images_.extents()) {
    const std::size_t count = extents_[0], height = extents_[1], width = extents_[2];
    if (count == 0) throw DataError(images_.name(), "holds no images", "name another file");
    if (height == 0 || width == 0 || height * width > static_cast<std::size_t>(kMaxPixels))
      throw DataError(images_.name(), fmt::format("holds images of {}x{} pixels", width, height),
                      "name another file");
    if (const std::size_t labels_count = labels_.extents()[0]; labels_count != count)
      throw DataError(labels_.name(), fmt::format("holds {} labels for {} images", labels_count, count),
                      "put the label file that belongs to " + name_ + " beside it");
  }

  std::size_t size() const override { return extents_[0]; }
  int label(std::size_t i) const override {
    return std::to_integer<int>(labels_.bytes().subspan(kLabelsHeader)[i]);
  }
  std::string name(std::size_t i) const override { return fmt::format("{}[{}]", name_, i); }
  Image load(std::size_t i, int channels) const override {
    Image image{static_cast<int>(extents_[2]), static_cast<int>(extents_[1]), channels, {}};
    const Span gray = pixels_of(i);
    image.pixels.resize(gray.size() * static_cast<std::size_t>(channels));
    for (std::size_t p = 0; p < gray.size(); ++p)
      std::memset(image.pixels.data() + p * static_cast<std::size_t>(channels), std::to_integer<int>(gray[p]),
                  static_cast<std::size_t>(channels));
    return image;
  }
  std::size_t encoded_size(std::size_t) const override { return extents_[1] * extents_[2]; }
  Bytes encoded(std::size_t i) const override { return {name(i), pixels_of(i), nullptr}; }

 private:
  Span pixels_of(std::size_t i) const {
    const std::size_t pixels = extents_[1] * extents_[2];
    return images_.bytes().subspan(kImagesHeader + i * pixels, pixels);
  }

  IdxFile images_, labels_;
  std::string name_;
  std::vector<std::size_t> extents_;  // images, height, width
};

/// "train-images-idx3-ubyte.gz" -> "train-"; nothing for other names.
std::optional<std::string> set_name(const fs::path& path) {
  const std::string name = without_gz(path.filename().string());
  for (const std::string_view ending : {"images-idx3-ubyte", "images.idx3-ubyte"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return std::nullopt;
}

std::vector<fs::path> image_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (set_name(entry->path())) files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  // The same set packed and plain: the plain one sorts first and is the one to take.
  const auto same = [](const fs::path& a, const fs::path& b) {
    return without_gz(a.filename().string()) == without_gz(b.filename().string());
  };
  files.erase(std::unique(files.begin(), files.end(), same), files.end());
  return files;
}

bool speaks_of_fashion(const fs::path& path) {
  std::error_code error;
  return ascii_lower(fs::absolute(path, error).string()).find("fashion") != std::string::npos;
}

Part list_pair(Bytes file) {
  const fs::path images = file.name;
  IdxFile opened(std::move(file), kImagesMagic, 3);
  auto labelled = std::make_shared<IdxImages>(std::move(opened),
                                              IdxFile(Bytes::map(label_file(images)), kLabelsMagic, 1));
  int max = 0;
  for (std::size_t i = 0; i < labelled->size(); ++i) max = std::max(max, labelled->label(i));
  Part part;
  part.where = images.string();
  part.numbered = true;
  const bool fashion = max < static_cast<int>(kFashion.size()) && speaks_of_fashion(images);
  for (int label = 0; label <= max; ++label)
    part.classes.push_back(fashion ? std::string(kFashion[static_cast<std::size_t>(label)])
                                   : std::to_string(label));
  part.images = std::move(labelled);
  return part;
}

}  // namespace

std::shared_ptr<const ImageSource> read_idx(Bytes images, Bytes labels) {
  return std::make_shared<IdxImages>(IdxFile(std::move(images), kImagesMagic, 3),
                                     IdxFile(std::move(labels), kLabelsMagic, 1));
}

bool is_idx(const Bytes& file) {
  std::vector<std::byte> start;
  Span head = file.data;
  if (is_gzip(head)) head = start = gunzip(head, 4, file.name);
  return head.size() >= 4 && big_endian(head, 0) >> 8 == 0x08;
}

bool is_idx_folder(const fs::path& path) { return !image_files(path).empty(); }

Parts list_idx_file(Bytes images) {
  Parts parts;
  parts.training = list_pair(std::move(images));
  return parts;
}

Parts list_idx_folder(const fs::path& folder) {
  std::vector<fs::path> training, testing;
  for (fs::path& file : image_files(folder)) {
    const std::string set = set_name(file).value_or("");
    const bool test = set.find("t10k") != std::string::npos || set.find("test") != std::string::npos;
    (test ? testing : training).push_back(std::move(file));
  }
  if (training.size() > 1 || testing.size() > 1)
    throw DataError(folder.string(), "holds several IDX data sets", "name the image file of one of them");
  Parts parts;
  if (!training.empty()) parts.training = list_pair(Bytes::map(training[0]));
  if (!testing.empty()) parts.testing = list_pair(Bytes::map(testing[0]));
  return parts;
}

}  // namespace alexnet
