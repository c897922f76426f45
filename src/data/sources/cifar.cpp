#include "data/sources/cifar.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <sstream>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "base/file.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using Span = std::span<const std::byte>;

constexpr int kSide = 32;
constexpr std::size_t kPixels = kSide * kSide, kImage = 3 * kPixels;

/// How one of the two sets is stored.
struct Form {
  std::size_t label_bytes, classes;
  const char* names_file;  // of the classes, a line each
  std::vector<fs::path> training, testing;
};

class CifarImages final : public ImageSource {
 public:
  CifarImages(std::vector<Bytes> files, std::size_t label_bytes, std::size_t classes)
      : files_(std::move(files)), label_bytes_(label_bytes) {
    for (const Bytes& file : files_) {
      check(file, classes);
      ends_.push_back(size() + file.data.size() / record());
    }
  }

  std::size_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
  int label(std::size_t i) const override { return label_of(find(i).record); }
  std::string name(std::size_t i) const override {
    const Place place = find(i);
    return fmt::format("{}[{}]", fs::path(place.file->name).filename().string(), place.index);
  }
  Image load(std::size_t i, int channels) const override {
    Image image{kSide, kSide, 3, std::vector<std::uint8_t>(kImage)};
    const Span planes = find(i).record.subspan(label_bytes_);
    for (std::size_t p = 0; p < kPixels; ++p)
      for (std::size_t c = 0; c < 3; ++c)
        image.pixels[3 * p + c] = std::to_integer<std::uint8_t>(planes[c * kPixels + p]);
    return with_channels(std::move(image), channels);
  }
  std::size_t encoded_size(std::size_t) const override { return kImage; }
  Bytes encoded(std::size_t i) const override {
    return {name(i), find(i).record.subspan(label_bytes_), nullptr};
  }

 private:
  struct Place {
    const Bytes* file;
    std::size_t index;
    Span record;
  };

  std::size_t record() const { return label_bytes_ + kImage; }
  int label_of(Span bytes) const { return std::to_integer<int>(bytes[label_bytes_ - 1]); }

  void check(const Bytes& file, std::size_t classes) const {
    if (file.data.size() % record() != 0)
      throw DataError(
          file.name, fmt::format("has {} bytes, but CIFAR's images have {} each", file.data.size(), record()),
          "download or copy it again");
    for (Span rest = file.data; !rest.empty(); rest = rest.subspan(record()))
      if (static_cast<std::size_t>(label_of(rest)) >= classes)
        throw DataError(file.name,
                        fmt::format("has the label {}, but only {} classes", label_of(rest), classes),
                        "download or copy it again");
  }

  Place find(std::size_t i) const {
    const auto file = static_cast<std::size_t>(std::ranges::upper_bound(ends_, i) - ends_.begin());
    const std::size_t index = file == 0 ? i : i - ends_[file - 1];
    const Bytes& bytes = files_.at(file);
    return {&bytes, index, bytes.data.subspan(index * record(), record())};
  }

  std::vector<Bytes> files_;
  std::vector<std::size_t> ends_;  // for each file: images in it and in those before
  std::size_t label_bytes_;
};

/// The files of the set that a folder holds; none where it holds neither.
Form form_of(const fs::path& folder) {
  Form ten{1, 10, "batches.meta.txt", {}, {}}, hundred{2, 100, "fine_label_names.txt", {}, {}};
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) ten.training.push_back(entry->path());
    if (name == "test_batch.bin") ten.testing.push_back(entry->path());
    if (name == "train.bin") hundred.training.push_back(entry->path());
    if (name == "test.bin") hundred.testing.push_back(entry->path());
  }
  // Names as common as the latter say nothing by themselves.
  if (!fs::exists(folder / hundred.names_file, error)) hundred.training = hundred.testing = {};
  Form& found = ten.training.empty() && ten.testing.empty() ? hundred : ten;
  std::ranges::sort(found.training);
  return found;
}

/// Names in the lines of a file, without empty ones.
std::vector<std::string> class_names(const fs::path& file, std::size_t classes) {
  constexpr std::size_t kMostBytes = 1 << 16;
  std::vector<std::string> names;
  std::istringstream text(read_file(file, kMostBytes));
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.size() != classes)
    throw DataError(file.string(), fmt::format("names {} classes, but there are {}", names.size(), classes),
                    "download or copy it again");
  return names;
}

std::vector<std::string> numbers(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

}  // namespace

std::shared_ptr<const ImageSource> read_cifar(std::vector<Bytes> files, std::size_t label_bytes,
                                              std::size_t classes) {
  return std::make_shared<CifarImages>(std::move(files), label_bytes, classes);
}

bool is_cifar_folder(const fs::path& folder) {
  const Form form = form_of(folder);
  return !form.training.empty() || !form.testing.empty();
}

Parts list_cifar_folder(const fs::path& folder) {
  const Form form = form_of(folder);
  const fs::path names = folder / form.names_file;
  std::error_code error;
  const bool numbered = !fs::exists(names, error);
  const std::vector<std::string> classes =
      numbered ? numbers(form.classes) : class_names(names, form.classes);
  const auto part = [&](const std::vector<fs::path>& files) -> std::optional<Part> {
    if (files.empty()) return std::nullopt;
    std::vector<Bytes> bytes;
    for (const fs::path& file : files) bytes.push_back(Bytes::map(file));
    const std::string where = files.size() == 1 ? files.front().string() : folder.string();
    return Part{where, classes, numbered, read_cifar(std::move(bytes), form.label_bytes, form.classes)};
  };
  Parts parts;
  parts.training = part(form.training);
  parts.testing = part(form.testing);
  return parts;
}

}  // namespace alexnet
