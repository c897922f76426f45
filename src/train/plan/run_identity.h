// What a run is started with and must find again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "alexnet/dataset.h"
#include "alexnet/image.h"

namespace alexnet {

/// What a run was started with, and must find again when it is resumed.
struct RunIdentity {
  std::uint64_t data = 0;                // data_digest()
  std::optional<std::uint64_t> content;  // content_digest_of(); none in checkpoints of older versions
  std::int64_t images = 0;               // training and validation
  // Of which those parts count that settings do not have: they came from a model (--init), which is not read
  // again.
  Preprocessing preprocessing{};
};

/// How the data of a run is no longer what it was, "126 images then, 127 now"; empty where it is the same.
std::string difference(const RunIdentity& then, const RunIdentity& now);

/// Fingerprint of names, labels and classes.
std::uint64_t data_digest(const Dataset& data);

/// Fingerprint of what images consist of: the size of each, and the content of some hundred, spread over the
/// set. Other images under the same names are noticed where one of them has another size or is among these;
/// to read them all would take as long as an epoch.
std::uint64_t content_digest_of(const Dataset& data);

RunIdentity identity_of(const Dataset& data, const Preprocessing& preprocessing);

}  // namespace alexnet
