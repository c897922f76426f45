// What the fuzzers share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "alexnet/bytes.h"
#include "alexnet/error.h"

namespace alexnet::fuzz {

inline Bytes bytes_of(const std::uint8_t* data, std::size_t size, std::string name = "fuzz") {
  return {std::move(name), std::as_bytes(std::span(data, size)), nullptr};
}

/// Reading ends well or with a DataError; anything else ends the fuzzer.
template <class Reading>
void attempt(Reading&& reading) {
  try {
    reading();
  } catch (const DataError&) {
    return;
  }
}

}  // namespace alexnet::fuzz
