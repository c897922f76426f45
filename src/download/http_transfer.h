// Bytes from an http(s) address.
#pragma once

#include <cstdint>
#include <string>

#include "alexnet/zoo.h"
#include "download/part_file.h"

namespace alexnet {

/// Adds what the part lacks, by HTTP's ranges; a server that does not know them sends all of it anew. Stops
/// where more than `limit` bytes come. Returns why it ended early, in a line; empty: all that the server has
/// is there. What `options.progress` and the part throw passes through. Redirections are followed to http and
/// https alone.
std::string http_transfer(const std::string& url, PartFile& part, std::uint64_t limit, const ZooFile& file,
                          const FetchOptions& options);

}  // namespace alexnet
