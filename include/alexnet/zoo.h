// Networks and data sets that others publish, by name: fetched once, checked, and ready to use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "alexnet/export.h"

namespace alexnet {

/// A file that somebody publishes.
struct ZooFile {
  std::string name;         ///< of the file, without a folder
  std::string url;          ///< http or https
  std::string digest;       ///< "sha256:" or "md5:", then the digest as lower-case hexadecimal digits
  std::uint64_t bytes = 0;  ///< size; 0: not known
};

/// A trained network that others publish.
struct ZooNetwork {
  std::string name,                  ///< "torchvision"
      about,                         ///< what it is, in a line
      source,                        ///< page that describes it
      licence,                       ///< SPDX identifier, or words
      preset;                        ///< the preset that builds such a network
  double top1 = 0,                   ///< published accuracy on `tested_on`, from 0 to 1
      top5 = 0;                      ///< the same of the five most probable classes
  std::string tested_on;             ///< data that the accuracy was measured on
  ZooFile file;                      ///< in a format that load_weights() reads
  std::vector<std::string> classes;  ///< one name per output
};

/// A data set that others publish.
struct ZooDataset {
  std::string name,            ///< "imagenette"
      about,                   ///< what it holds, in a line
      source,                  ///< page that describes it
      licence;                 ///< SPDX identifier, or words
  std::vector<ZooFile> files;  ///< one archive, or files that are used as they are
  std::string folder;          ///< that the archive holds the data in; empty: the files are no archive
  /// Names of class folders, by name in the archive; others keep theirs.
  std::map<std::string, std::string> classes;
};

/// All networks, in the order in which people should see them.
ALEXNET_API const std::vector<ZooNetwork>& zoo_networks();
/// All data sets.
ALEXNET_API const std::vector<ZooDataset>& zoo_datasets();
/// The network of a name; null: there is none.
ALEXNET_API const ZooNetwork* find_zoo_network(const std::string& name);
/// The data set of a name; null: there is none.
ALEXNET_API const ZooDataset* find_zoo_dataset(const std::string& name);

/// How files are fetched.
struct FetchOptions {
  /// Told the file, and how many of its bytes are there, of how many (0: not known); at least once a second.
  /// It may throw to stop: the exception passes through, and what was fetched is kept for the next attempt.
  std::function<void(const std::string& file, std::uint64_t done, std::uint64_t total)> progress{};
  int stall_seconds = 30;  ///< a connection that brings less than 1 kB/s for so long is given up
};

/// The folder that fetched files are kept in: $XDG_CACHE_HOME/alexnet or ~/.cache/alexnet. DataError when
/// neither is known.
ALEXNET_API std::filesystem::path zoo_folder();

/// The model file of a network that was fetched before; empty: it was not.
ALEXNET_API std::filesystem::path fetched_network(const ZooNetwork& network);

/// Fetches a network, and makes a model of it with its class names; both are done once, and kept in
/// zoo_folder(). The result is the model file. The variable ALEXNET_ZOO may name a mirror, a folder or an
/// http(s) address, in which the file lies under its name. An interrupted transfer is resumed by the next
/// call, and processes that fetch the same file wait for each other. DataError, which says what to download
/// and where to put it, when the file cannot be fetched, and when it has another size or digest; UsageError
/// in a library that was built without downloads.
ALEXNET_API std::filesystem::path fetch_network(const ZooNetwork& network, const FetchOptions& options = {});

/// Fetches a data set in the same way, and unpacks it into a new folder, which open_dataset() takes: all of
/// it, or nothing. DataError also when the folder is there already, and for an archive with links, or with
/// paths that lead out of it.
ALEXNET_API void fetch_dataset(const ZooDataset& data, const std::filesystem::path& folder,
                               const FetchOptions& options = {});

}  // namespace alexnet
