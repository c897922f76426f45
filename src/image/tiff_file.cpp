#include "image/tiff_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "alexnet/error.h"

namespace alexnet {
namespace {

TiffFile::Memory& memory_of(void* handle) { return *static_cast<TiffFile::Memory*>(handle); }

tmsize_t read_memory(thandle_t handle, void* to, tmsize_t count) {
  TiffFile::Memory& memory = memory_of(handle);
  if (memory.at >= memory.bytes.size() || count <= 0) return 0;
  const std::size_t given = std::min(static_cast<std::size_t>(count), memory.bytes.size() - memory.at);
  std::memcpy(to, memory.bytes.data() + memory.at, given);
  memory.at += given;
  return static_cast<tmsize_t>(given);
}

tmsize_t write_nothing(thandle_t /*handle*/, void* /*from*/, tmsize_t /*count*/) { return 0; }

toff_t seek_memory(thandle_t handle, toff_t offset, int from) {
  TiffFile::Memory& memory = memory_of(handle);
  if (from == SEEK_CUR) offset += memory.at;
  if (from == SEEK_END) offset += memory.bytes.size();
  return memory.at = offset;
}

int close_memory(thandle_t /*handle*/) { return 0; }
toff_t size_of_memory(thandle_t handle) { return memory_of(handle).bytes.size(); }

int map_memory(thandle_t handle, void** base, toff_t* size) {
  *base = const_cast<std::byte*>(memory_of(handle).bytes.data());  // libtiff does not write to it
  *size = memory_of(handle).bytes.size();
  return 1;
}

void unmap_memory(thandle_t /*handle*/, void* /*base*/, toff_t /*size*/) {}

// Both return 1: libtiff is not to print anything.
int keep_error(TIFF* /*tiff*/, void* user, const char* /*module*/, const char* format, va_list values) {
  auto& message = memory_of(user).message;
  if (message[0] == '\0') (void)std::vsnprintf(message.data(), message.size(), format, values);
  return 1;
}
int drop_warning(TIFF* /*tiff*/, void* /*user*/, const char* /*module*/, const char* /*format*/,
                 va_list /*values*/) {
  return 1;
}

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

}  // namespace

TiffFile::TiffFile(std::span<const std::byte> bytes, const std::string& name) : name_(name) {
  memory_.bytes = bytes;
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (options == nullptr) throw DeviceError(name, "not enough memory to decode it");
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxBlock);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &memory_);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop_warning, nullptr);
  tiff_.reset(TIFFClientOpenExt("image", "r", &memory_, read_memory, write_nothing, seek_memory, close_memory,
                                size_of_memory, map_memory, unmap_memory, options.get()));
  if (tiff_ == nullptr) fail();
}

void TiffFile::fail() const {
  const std::string_view why(memory_.message.data());
  throw DataError(name_,
                  fmt::format("is a truncated or broken TIFF ({})", why.empty() ? "unknown error" : why));
}

void TiffFile::refuse(std::string_view what) const {
  throw DataError(name_, fmt::format("is a TIFF image {}, which this program does not read", what),
                  "convert it to 8 or 16 bits per channel");
}

}  // namespace alexnet
