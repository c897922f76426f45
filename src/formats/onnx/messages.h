// ONNX files, as far as this program reads and writes them: the messages of onnx/onnx.proto
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) with ONNX's numbers for the fields that are
// needed. Names are ONNX's too, so that either can be read beside the other.
#pragma once

#include <protozero/types.hpp>

namespace alexnet::onnx {

enum class ModelProto : protozero::pbf_tag_type {
  ir_version = 1,  // int64
  producer_name = 2,
  producer_version = 3,
  domain = 4,
  model_version = 5,  // int64
  doc_string = 6,
  graph = 7,
  opset_import = 8,     // repeated
  metadata_props = 14,  // repeated StringStringEntryProto
  training_info = 20,   // repeated
  functions = 25,       // repeated
  configuration = 26    // repeated
};
enum class OperatorSetIdProto : protozero::pbf_tag_type { domain = 1, version = 2 };  // string, int64
enum class StringStringEntryProto : protozero::pbf_tag_type { key = 1, value = 2 };

enum class GraphProto : protozero::pbf_tag_type {
  node = 1,  // repeated
  name = 2,
  initializer = 5,  // repeated TensorProto
  input = 11,       // repeated ValueInfoProto, and so are the following
  output = 12,
  sparse_initializer = 15
};

enum class NodeProto : protozero::pbf_tag_type {
  input = 1,   // repeated string
  output = 2,  // repeated string
  name = 3,
  op_type = 4,
  attribute = 5,  // repeated
  domain = 7
};

enum class AttributeProto : protozero::pbf_tag_type {
  name = 1,
  f = 2,       // float
  i = 3,       // int64
  s = 4,       // bytes
  t = 5,       // TensorProto
  floats = 7,  // repeated
  ints = 8,    // repeated
  type = 20,   // AttributeType
  ref_attr_name = 21
};
enum AttributeType { kAttributeFloat = 1, kAttributeInt = 2, kAttributeString = 3, kAttributeInts = 7 };

enum class TensorProto : protozero::pbf_tag_type {
  dims = 1,        // repeated int64
  data_type = 2,   // DataType
  float_data = 4,  // packed float
  int32_data = 5,  // packed; of all smaller types too
  int64_data = 7,  // packed
  name = 8,
  raw_data = 9,        // little-endian
  double_data = 10,    // packed
  uint64_data = 11,    // packed; of uint32 too
  external_data = 13,  // repeated StringStringEntryProto
  data_location = 14   // 1: external_data
};
enum DataType {
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16
};

enum class ValueInfoProto : protozero::pbf_tag_type { name = 1, type = 2 };
enum class TypeProto : protozero::pbf_tag_type { tensor_type = 1 };
enum class TypeProtoTensor : protozero::pbf_tag_type { elem_type = 1, shape = 2 };
enum class TensorShapeProto : protozero::pbf_tag_type { dim = 1 };                // repeated
enum class Dimension : protozero::pbf_tag_type { dim_value = 1, dim_param = 2 };  // int64, string: one of

}  // namespace alexnet::onnx
