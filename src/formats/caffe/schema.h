// Caffe's messages, as far as this program reads and writes them, with the names and numbers of caffe.proto
// (https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto), so that either can be read beside
// the other.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace alexnet::caffe {

enum class Type {
  kInt,
  kFloat,
  kBool,
  kEnum,
  kText,
  kMessage,
  kBlob  // a BlobProto, which is not read as a message: it has the weights
};

struct MessageType;

struct FieldType {
  std::string_view name;
  std::uint32_t number;
  Type type;
  const MessageType* message = nullptr;                // of kMessage
  std::span<const std::string_view> enumerators = {};  // of kEnum, from 0 on
};

struct MessageType {
  std::span<const FieldType> fields;
  /// Fields of other numbers are parameters of layers that are not read anyway; or they change what is
  /// computed.
  bool others_matter = true;
};

extern const MessageType kNetParameter;
/// What stands in a V1LayerParameter as its type, and what Caffe calls this kind of layer now; empty:
/// neither.
std::string_view kind_of_v1(std::string_view type);

// Fields of a NetParameter.
inline constexpr std::uint32_t kNetName = 1, kLayersV1 = 2, kLayer = 100;
/// Of this program's own metadata, which protobuf's readers skip: a number that Caffe does not use.
inline constexpr std::uint32_t kMetadata = 2012;
// Its fields.
inline constexpr std::uint32_t kMetadataKey = 1, kMetadataValue = 2;
/// The blobs of a LayerParameter.
inline constexpr std::uint32_t kBlobs = 7;
// Fields of a BlobProto.
inline constexpr std::uint32_t kBlobNum = 1, kBlobChannels = 2, kBlobHeight = 3, kBlobWidth = 4,
                               kBlobData = 5, kBlobShape = 7, kBlobDoubles = 8;
inline constexpr std::uint32_t kShapeDim = 1;

}  // namespace alexnet::caffe
