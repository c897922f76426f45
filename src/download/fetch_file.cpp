#include "download/fetch_file.h"

#include <fmt/format.h>

#include <fstream>
#include <span>
#include <vector>

#include "alexnet/error.h"
#include "download/file_digest.h"
#include "download/http_transfer.h"
#include "download/part_file.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// Of files whose size is not known, at most so many bytes are taken.
constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 30;

std::string by_hand(const ZooFile& file, const fs::path& path) {
  return fmt::format("download {} and put it at {}", file.url, path.string());
}

/// What is wrong with a file; empty: nothing.
std::string difference(const ZooFile& file, const fs::path& path) {
  if (file.bytes > 0 && fs::file_size(path) != file.bytes)
    return fmt::format("has {} bytes, but {} were published", fs::file_size(path), file.bytes);
  const std::string digest = file_digest(path, file.digest);
  return digest == file.digest ? ""
                               : fmt::format("has the digest {}, but {} was published", digest, file.digest);
}

/// Adds what the part lacks. As http_transfer().
std::string copy(const fs::path& source, PartFile& part, std::uint64_t limit, const ZooFile& file,
                 const FetchOptions& options) {
  std::error_code error;
  if (!fs::is_regular_file(source, error)) return "there is no " + source.string();
  const std::uint64_t bytes = fs::file_size(source);
  if (bytes > limit) return fmt::format("{} has more than {} bytes", source.string(), limit);
  std::ifstream in(source, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(part.size()));
  std::vector<char> block(std::size_t{1} << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
    part.append(std::as_bytes(std::span(block).first(static_cast<std::size_t>(in.gcount()))));
    if (options.progress) options.progress(file.name, part.size(), bytes);
  }
  return in.eof() ? "" : source.string() + " cannot be read";
}

}  // namespace

void fetch_file(const ZooFile& file, const std::string& source, const fs::path& path,
                const FetchOptions& options) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    PartFile part(path, [&](std::uint64_t done) {
      if (options.progress) options.progress(file.name, done, file.bytes);
    });
    // Unless the process that this one waited for has done it.
    if (!fs::exists(path, error)) {
      const std::uint64_t limit = file.bytes > 0 ? file.bytes : kMostBytes;
      if (part.size() > limit) part.restart();
      std::string problem;
      if (file.bytes == 0 || part.size() < file.bytes)
        problem = source.find("://") == std::string::npos ? copy(source, part, limit, file, options)
                                                          : http_transfer(source, part, limit, file, options);
      if (problem.empty() && part.size() < file.bytes) problem = "the transfer ended early";
      if (!problem.empty()) {
        if (part.size() == 0) part.remove();
        throw DataError(
            file.name,
            part.size() == 0 ? fmt::format("cannot be fetched ({})", problem)
                             : fmt::format("was fetched in part, {} bytes ({})", part.size(), problem),
            (part.size() == 0 ? "" : "run the command again to resume, or ") + by_hand(file, path));
      }
      if (const std::string wrong = difference(file, part.path()); !wrong.empty()) {
        part.remove();
        throw DataError(file.name, wrong + ": it was removed",
                        "run the command again, or " + by_hand(file, path));
      }
      part.commit();
      return;
    }
    part.remove();
  }
  if (const std::string wrong = difference(file, path); !wrong.empty())
    throw DataError(path.string(), wrong, "remove it, and run the command again or " + by_hand(file, path));
}

}  // namespace alexnet
