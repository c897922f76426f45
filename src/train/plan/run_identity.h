// What a run is started with and must find again.
#pragma once

#include <cstdint>

#include "alexnet/dataset.h"

namespace alexnet {

struct Plan;

/// What a run was started with, and must find again when it is resumed.
struct RunIdentity {
  std::uint64_t data = 0;     // data_digest()
  std::int64_t pictures = 0;  // training and validation
  bool bgr = false;           // taken over from a model (--init), which is not read again
  bool operator==(const RunIdentity&) const = default;
};

/// Fingerprint of names, labels and classes (not of pixels).
std::uint64_t data_digest(const Dataset& data);

RunIdentity identity_of(const Plan& plan);

}  // namespace alexnet
