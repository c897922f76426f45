// Which files of a folder are images: one rule for training data and for all commands.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "alexnet/export.h"

namespace alexnet {

/// How much of a folder or archive is neither an image nor a class, by kind.
struct PassedOver {
  std::size_t no_images = 0;   ///< files that are neither named nor begin like an image: notes, lists, films
  std::size_t unlabelled = 0;  ///< images beside class folders
  std::size_t hidden = 0;      ///< hidden files and folders, and those that file managers leave behind
  std::size_t results = 0;     ///< folders of runs and studies, whose charts are no data
  std::size_t dead_links = 0;  ///< links to nothing
  std::size_t special = 0;     ///< FIFOs, sockets and devices
  std::size_t closed = 0;      ///< folders inside that cannot be listed

  /// Adds what was passed over elsewhere.
  ALEXNET_API PassedOver& operator+=(const PassedOver& other);
  bool operator==(const PassedOver&) const = default;  ///< Compares all fields.
};

/// "12 files that are no images, 1 link to nothing"; empty when nothing was passed over.
ALEXNET_API std::string to_string(const PassedOver& passed_over);

/// The images of a folder.
struct ImageFiles {
  std::vector<std::filesystem::path> files;  ///< sorted by path; those are among them that cannot be read
  PassedOver passed_over;                    ///< everything else in the folder
};

/// All images in a folder and its folders. A file is an image when its name ends like that of one (.jpg,
/// .HEIC), whatever it holds, or when it begins like one, whatever its name. Links are followed; each folder
/// is looked into once. Folders inside that cannot be listed are
/// passed over. DataError when the folder itself cannot be listed.
ALEXNET_API ImageFiles list_image_files(const std::filesystem::path& folder);

}  // namespace alexnet
