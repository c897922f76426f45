// Reads event files back, checking every checksum.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.h"
#include "events.pb.h"
#include "tensorboard/record_file.h"

namespace alexnet {

/// Whole records; a torn one at the end is left out, as readers do. Throws where a checksum does not fit.
inline std::vector<std::string> records_of(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<std::string> records;
  for (std::size_t at = 0; at + 12 <= bytes.size();) {
    std::uint64_t size = 0;
    std::uint32_t size_sum = 0, data_sum = 0;
    std::memcpy(&size, bytes.data() + at, 8);
    std::memcpy(&size_sum, bytes.data() + at + 8, 4);
    if (masked_crc32c({bytes.data() + at, 8}) != size_sum) throw std::runtime_error("length");
    if (at + 16 + size > bytes.size()) break;
    records.push_back(bytes.substr(at + 12, size));
    std::memcpy(&data_sum, bytes.data() + at + 12 + size, 4);
    if (masked_crc32c(records.back()) != data_sum) throw std::runtime_error("data");
    at += 16 + size;
  }
  return records;
}

inline events::Event event_of(const std::string& record) {
  events::Event event;
  if (!event.ParseFromString(record)) throw std::runtime_error("event");
  return event;
}

/// The only event file of a folder.
inline std::filesystem::path event_file_in(const std::filesystem::path& folder) {
  return std::filesystem::directory_iterator(folder)->path();
}

}  // namespace alexnet
