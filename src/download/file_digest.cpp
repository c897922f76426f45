#include "download/file_digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <vector>

#include "alexnet/error.h"

namespace alexnet {

std::string file_digest(const std::filesystem::path& file, const std::string& like) {
  const std::string name = like.substr(0, like.find(':'));
  const EVP_MD* kind = name == "sha256" ? EVP_sha256() : name == "md5" ? EVP_md5() : nullptr;
  if (kind == nullptr) throw UsageError("digest", "'" + name + "' is not known", "give sha256 or md5");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (digest == nullptr || EVP_DigestInit_ex(digest.get(), kind, nullptr) != 1)
    throw DeviceError(name, "is switched off in this system's libcrypto");
  std::ifstream in(file, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0)
    EVP_DigestUpdate(digest.get(), block.data(), static_cast<std::size_t>(in.gcount()));
  if (!in.eof()) throw DataError(file.string(), "cannot be read", "check its permissions");
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &size);
  return fmt::format("{}:{:02x}", name, fmt::join(bytes.data(), bytes.data() + size, ""));
}

}  // namespace alexnet
