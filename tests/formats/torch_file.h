// Files like PyTorch's, with one thing wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace alexnet {

inline std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

/// An entry of a zip file; the fields of its local header may differ from those of the directory.
struct ZipPart {
  std::string name, content;
  std::string local_name = name;
  std::uint16_t method = 0, flags = 0;
  std::uint64_t size = content.size(), local_size = size;
  std::int64_t shift = 0;  // of the place that the directory names
};

inline std::string zip_file(const std::vector<ZipPart>& parts) {
  std::string file, directory;
  const auto header = [](const ZipPart& part, const std::string& name, std::uint64_t size) {
    return little_endian(part.flags, 2) + little_endian(part.method, 2) + std::string(8, '\0') +
           little_endian(size, 4) + little_endian(size, 4) + little_endian(name.size(), 2) +
           little_endian(0, 2);
  };
  for (const ZipPart& part : parts) {
    const auto place = static_cast<std::uint64_t>(static_cast<std::int64_t>(file.size()) + part.shift);
    directory += std::string("PK\x01\x02") + little_endian(20, 2) + little_endian(20, 2) +
                 header(part, part.name, part.size) + std::string(10, '\0') + little_endian(place, 4) +
                 part.name;
    file += std::string("PK\x03\x04") + little_endian(20, 2) +
            header(part, part.local_name, part.local_size) + part.local_name + part.content;
  }
  const std::size_t begin = file.size();
  return file + directory + std::string("PK\x05\x06") + little_endian(0, 4) + little_endian(parts.size(), 2) +
         little_endian(parts.size(), 2) + little_endian(directory.size(), 4) + little_endian(begin, 4) +
         little_endian(0, 2);
}

// Pieces of a pickle.
inline std::string pickled(const std::string& text) { return "X" + little_endian(text.size(), 4) + text; }
inline std::string pickled(std::int64_t number) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(number), 8);
}
inline std::string pickled(const std::vector<std::int64_t>& numbers) {
  std::string text = "(";
  for (const std::int64_t number : numbers) text += pickled(number);
  return text + "t";
}

/// A tensor of float32 values of the storage "0".
struct PickledTensor {
  std::int64_t count = 0, offset = 0;  // of the storage, of the tensor in it
  std::vector<std::int64_t> shape, strides;

  std::string text() const {
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled("storage") + "ctorch\nFloatStorage\n" +
           pickled("0") + pickled("cpu") + pickled(count) + "tQ" + pickled(offset) + pickled(shape) +
           pickled(strides) +
           "\x89"
           "ccollections\nOrderedDict\n)RtR";
  }
};

/// torch.save's archive of a pickle and one storage.
inline std::string torch_file(const std::string& pickle, const std::string& storage = std::string(16, '\0')) {
  return zip_file(
      {{"net/data.pkl", "\x80\x02" + pickle + "."}, {"net/data/0", storage}, {"net/version", "3\n"}});
}

}  // namespace alexnet
