// Caffe's messages in protobuf's encoding (.caffemodel, .binaryproto).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/tensor.h"
#include "formats/caffe/message.h"

namespace alexnet::caffe {

/// A BlobProto whose values are not read yet.
struct StoredBlob {
  Shape shape;  ///< as stored: of four extents in older files
  std::string_view message;
};

/// A .caffemodel: the layers with their parameters, and apart from them the weights, by name of the layer.
/// Views into the bytes.
struct StoredNetwork {
  Message network;
  std::map<std::string, std::vector<StoredBlob>> blobs;
  std::map<std::string, std::string_view> metadata;  ///< this program's own
};

/// Whether bytes are the fields of a network that has layers; nothing when they end before that is known.
std::optional<bool> looks_like_network(std::span<const std::byte> bytes);

/// DataError naming `where` when the bytes are damaged. Takes time and memory in proportion to their number.
StoredNetwork parse_network(std::span<const std::byte> bytes, const std::string& where);
/// The same of a file that is a single BlobProto, as a mean image is.
StoredBlob parse_blob(std::string_view bytes, const std::string& where);

/// The values of a blob as float32. DataError naming `where` when there are not as many as its shape says.
Tensor values_of(const StoredBlob& blob, const std::string& where);

/// A single LayerParameter, without the field's number and without blobs.
std::string encode_layer(const Message& layer);

/// What stands before the bytes of a field.
std::string field_start(std::uint32_t field, std::uint64_t length);
/// A BlobProto up to its values, which are the bytes of so many float32.
std::string blob_start(const Shape& shape);

}  // namespace alexnet::caffe
