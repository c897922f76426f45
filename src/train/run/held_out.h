// held-out.jsonl: the images that a run did not learn from, and where they are now.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/dataset.h"

namespace alexnet {

struct HeldOutImage {
  std::string file;  // ImageSource::name(), in UTF-8
  std::uint64_t bytes = 0, digest = 0;
  /// A training image with the same content, which the run did learn from; empty: there is none.
  std::string copy_of;
};

/// The images of `held_out`, which may be null, as they are now. All of them are read, and of `training`
/// those that are as large as one of them. Images that cannot be read are left out.
std::vector<HeldOutImage> record_held_out(const ImageSource* held_out, const ImageSource& training);

void write_held_out(const std::filesystem::path& path, const std::vector<HeldOutImage>& images);
/// DataError naming the line that is not one of write_held_out().
std::vector<HeldOutImage> read_held_out(const Bytes& file);
/// The same of a file. Nothing where there is none: an older version of the program made the run.
std::optional<std::vector<HeldOutImage>> read_held_out(const std::filesystem::path& path);

/// What is left of the images that were held out.
struct HeldOutSearch {
  std::vector<std::size_t> found;  // indices into the source, sorted
  std::size_t changed = 0;         // of the record: there is another content under their name
  std::size_t missing = 0;         // of the record: not there under any name
};

/// Looks for the recorded images by their content: each under its own name, or else under another one that
/// they were moved to. An image that the run learned from is never among them: what was copied over a
/// recorded name has another content, and copies of training images count under their own name only. Reads
/// the images that are as large as a recorded one.
HeldOutSearch find_held_out(const std::vector<HeldOutImage>& record, const ImageSource& source);

}  // namespace alexnet
