#include "formats/npy/npy_rows.h"

#include <limits>

#include "alexnet/error.h"
#include "formats/element.h"

namespace alexnet {

std::string npy_header(const Shape& shape, std::size_t min_bytes) {
  constexpr std::size_t kAlignment = 64, kLengthBytes = 2;
  std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i)
    dictionary += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  dictionary += shape.size() == 1 ? ",), }" : "), }";
  std::string header = std::string("\x93NUMPY\1") + '\0';
  const std::size_t begin = header.size() + kLengthBytes;
  std::size_t bytes = std::max(begin + dictionary.size() + 1, min_bytes);
  bytes += (kAlignment - bytes % kAlignment) % kAlignment;
  dictionary.append(bytes - begin - dictionary.size() - 1, ' ');
  dictionary += '\n';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

NpyRows::NpyRows(const std::filesystem::path& path, std::int64_t columns) : file_(path), columns_(columns) {
  if (!file_.may_rewrite())
    throw DataError(path.string(), "is a pipe, and the number of rows comes first in a .npy file",
                    "name a file, or a .csv");
  const std::string header = npy_header({std::numeric_limits<std::int64_t>::max(), columns});
  header_bytes_ = header.size();
  file_.write(header);
}

void NpyRows::add(std::span<const float> row) {
  write_floats(file_.stream(), row);
  ++rows_;
}

void NpyRows::commit() {
  file_.rewrite_start(npy_header({rows_, columns_}, header_bytes_));
  file_.commit();
}

}  // namespace alexnet
