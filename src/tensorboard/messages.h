// TensorFlow's event files, as far as this program writes them: the messages of tensorflow/core/framework and
// tensorflow/core/util (event, summary, graph, node_def, attr_value, tensor, tensor_shape) and of
// TensorBoard's hparams plugin, with TensorFlow's numbers for the fields that are needed. Names are
// TensorFlow's too, so that either can be read beside the other.
#pragma once

#include <protozero/types.hpp>

namespace alexnet::events {

enum class Event : protozero::pbf_tag_type {
  wall_time = 1,  // double, seconds since 1970
  step = 2,       // int64
  // One of:
  file_version = 3,  // string, of the first event of a file: "brain.Event:2"
  graph_def = 4,     // bytes, a GraphDef
  summary = 5,
  session_log = 7
};

enum class SessionLog : protozero::pbf_tag_type { status = 1 };
inline constexpr int kSessionStart = 1;

enum class Summary : protozero::pbf_tag_type { value = 1 };  // repeated

enum class Image : protozero::pbf_tag_type {
  height = 1,
  width = 2,
  colorspace = 3,  // 1 gray, 3 RGB
  encoded_image_string = 4
};

enum class Value : protozero::pbf_tag_type {
  tag = 1,
  // One of:
  simple_value = 2,  // float
  image = 4,
  histo = 5,
  tensor = 8,
  // And:
  metadata = 9
};

enum class SummaryMetadata : protozero::pbf_tag_type { plugin_data = 1 };
enum class PluginData : protozero::pbf_tag_type { plugin_name = 1, content = 2 };

enum class HistogramProto : protozero::pbf_tag_type {
  min = 1,
  max = 2,
  num = 3,
  sum = 4,
  sum_squares = 5,
  bucket_limit = 6,  // doubles, packed
  bucket = 7
};

enum class TensorShapeProto : protozero::pbf_tag_type { dim = 2 };  // repeated
enum class Dim : protozero::pbf_tag_type { size = 1 };              // int64

enum class TensorProto : protozero::pbf_tag_type { dtype = 1, tensor_shape = 2, string_val = 8 };
inline constexpr int kFloat = 1, kString = 7;  // DataType

enum class AttrValue : protozero::pbf_tag_type { list = 1, s = 2, type = 6 };  // one of
enum class ListValue : protozero::pbf_tag_type { shape = 7 };                  // repeated

/// TensorFlow has a map here, which is the same in a file but for the order: ours is always the same.
enum class Attribute : protozero::pbf_tag_type { key = 1, value = 2 };

enum class NodeDef : protozero::pbf_tag_type { name = 1, op = 2, input = 3, attr = 5 };
enum class VersionDef : protozero::pbf_tag_type { producer = 1 };
enum class GraphDef : protozero::pbf_tag_type { node = 1, versions = 4 };

enum class HyperParameter : protozero::pbf_tag_type { number_value = 2, string_value = 3 };  // one of
enum class MetricName : protozero::pbf_tag_type { tag = 2 };
enum class MetricInfo : protozero::pbf_tag_type { name = 1, display_name = 3 };
enum class HParamInfo : protozero::pbf_tag_type { name = 1, type = 4 };
inline constexpr int kStringParameter = 1, kNumberParameter = 3;                         // HParamInfo.Type
enum class Experiment : protozero::pbf_tag_type { hparam_infos = 4, metric_infos = 5 };  // both repeated

enum class Setting : protozero::pbf_tag_type { key = 1, value = 2 };  // a map too
enum class SessionStartInfo : protozero::pbf_tag_type { hparams = 1, start_time_secs = 5 };
enum class SessionEndInfo : protozero::pbf_tag_type { status = 1, end_time_secs = 2 };
inline constexpr int kSuccess = 1;

enum class HParamsPluginData : protozero::pbf_tag_type {
  experiment = 2,
  session_start_info = 3,
  session_end_info = 4
};

}  // namespace alexnet::events
