// held-out.jsonl: the images that a run did not learn from, and where they are now.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/dataset.h"
#include "data/sources/contents.h"

namespace alexnet {

struct HeldOutImage {
  std::string file;  // ImageSource::name(), in UTF-8
  std::uint64_t bytes = 0;
  /// content_of(); nothing of an image that could not be read.
  std::optional<std::uint64_t> digest;
  /// A training image with the same content, which the run did learn from; empty: there is none.
  std::string copy_of;

  bool operator==(const HeldOutImage&) const = default;
};

/// The images of `held_out`, which may be null, as they are now. All of them are read, and of `training`
/// those that are as large as one of them.
std::vector<HeldOutImage> record_held_out(const ImageSource* held_out, const ImageSource& training,
                                          ContentReader& reader);

/// For people: images that the run learns from as well, and those that could not be read.
std::vector<std::string> held_out_notes(const std::vector<HeldOutImage>& record);

/// A line of JSON for each.
std::string held_out_text(const std::vector<HeldOutImage>& images);
void write_held_out(const std::filesystem::path& path, const std::vector<HeldOutImage>& images);
/// DataError naming the line that is not one of write_held_out().
std::vector<HeldOutImage> read_held_out(const Bytes& file);
/// The same of a file. Nothing where there is none: an older version of the program made the run, or it was
/// stopped before the images were read.
std::optional<std::vector<HeldOutImage>> read_held_out(const std::filesystem::path& path);

/// What is left of the images that were held out.
struct HeldOutSearch {
  std::vector<std::size_t> found;  // indices into the source, sorted
  std::size_t changed = 0;         // of the record: there is another content under their name
  std::size_t missing = 0;         // of the record: not there under any name
  std::size_t unreadable = 0;      // of the record: they could not be read then, or cannot now
};

/// Looks for the recorded images by their content: each under its own name, or else under another one that
/// they were moved to. An image that the run learned from is never among them: what was copied over a
/// recorded name has another content, and copies of training images count under their own name only. Reads
/// the images that are as large as a recorded one.
HeldOutSearch find_held_out(const std::vector<HeldOutImage>& record, const ImageSource& source,
                            ContentReader& reader);

}  // namespace alexnet
