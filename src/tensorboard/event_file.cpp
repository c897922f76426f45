#include "tensorboard/event_file.h"

#include <bit>
#include <chrono>
#include <protozero/pbf_builder.hpp>

#include "base/file.h"
#include "fmt/format.h"
#include "tensorboard/messages.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using namespace events;

/// Writes the fields of one message; inside another one, a field of that.
template <class Message>
using Builder = protozero::pbf_builder<Message>;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Names sort in the order in which the files were begun, which is the order TensorBoard reads them in.
fs::path unused_file(const fs::path& folder) {
  make_folder(folder);
  const auto second = static_cast<std::int64_t>(now());
  for (int number = 0;; ++number)
    if (fs::path path = folder / fmt::format("events.out.tfevents.{:010}.{:03}", second, number);
        !fs::exists(path))
      return path;
}

// Fields whose value is the default, zero or empty, are left out, as protobuf does.
template <class Message>
void add_double(Builder<Message>& to, Message field, double value) {
  if (std::bit_cast<std::uint64_t>(value) != 0) to.add_double(field, value);
}
template <class Message>
void add_int64(Builder<Message>& to, Message field, std::int64_t value) {
  if (value != 0) to.add_int64(field, value);
}
template <class Message>
void add_text(Builder<Message>& to, Message field, const std::string& value) {
  if (!value.empty()) to.add_bytes(field, value);
}

/// The bytes of a message whose fields fill(message) adds.
template <class Message, class Fill>
std::string message(Fill&& fill) {
  std::string bytes;
  Builder<Message> message(bytes);
  fill(message);
  return bytes;
}

/// Those of an event at `step`, whose content fill(event) adds.
template <class Fill>
std::string event(std::int64_t step, Fill&& fill) {
  return message<Event>([&](Builder<Event>& event) {
    add_double(event, Event::wall_time, now());
    add_int64(event, Event::step, step);
    fill(event);
  });
}

/// Made apart: a message within another one is left out when nothing is written into it, and these count.
template <class Message>
void add_shape(Builder<Message>& to, Message field, const std::vector<std::int64_t>& extents) {
  to.add_message(field, message<TensorShapeProto>([&](Builder<TensorShapeProto>& shape) {
                   for (const std::int64_t extent : extents)
                     shape.add_message(TensorShapeProto::dim, message<Dim>([&](Builder<Dim>& dim) {
                                         add_int64(dim, Dim::size, extent);
                                       }));
                 }));
}

void add_plugin(Builder<Value>& to, const std::string& name, const std::string& content) {
  Builder<SummaryMetadata> metadata(to, Value::metadata);
  Builder<PluginData> plugin(metadata, SummaryMetadata::plugin_data);
  add_text(plugin, PluginData::plugin_name, name);
  add_text(plugin, PluginData::content, content);
}

void add_content(Builder<Value>& to, double value) {
  to.add_float(Value::simple_value, static_cast<float>(value));
}

void add_content(Builder<Value>& to, const Histogram& from) {
  // Made apart as well: a tensor without a finite value has a histogram without a bucket.
  to.add_message(
      Value::histo, message<HistogramProto>([&](Builder<HistogramProto>& histogram) {
        add_double(histogram, HistogramProto::min, from.min);
        add_double(histogram, HistogramProto::max, from.max);
        add_double(histogram, HistogramProto::num, static_cast<double>(from.count));
        add_double(histogram, HistogramProto::sum, from.sum);
        add_double(histogram, HistogramProto::sum_squares, from.sum_of_squares);
        histogram.add_packed_double(HistogramProto::bucket_limit, from.limits.begin(), from.limits.end());
        histogram.add_packed_double(HistogramProto::bucket, from.counts.begin(), from.counts.end());
      }));
}

void add_content(Builder<Value>& to, const EventImage& from) {
  Builder<Image> image(to, Value::image);
  add_int64(image, Image::height, from.height);
  add_int64(image, Image::width, from.width);
  add_int64(image, Image::colorspace, from.channels);
  add_text(image, Image::encoded_image_string, from.file);
}

void add_content(Builder<Value>& to, const EventText& from) {
  {
    Builder<TensorProto> tensor(to, Value::tensor);
    tensor.add_enum(TensorProto::dtype, kString);
    add_shape(tensor, TensorProto::tensor_shape, {});  // a scalar
    tensor.add_bytes(TensorProto::string_val, from.markdown);
  }
  add_plugin(to, "text", {});
}

/// The hyperparameters' plugin keeps its data in what describes a tensor without elements.
void add_hparams(Builder<Summary>& to, const std::string& tag, const std::string& data) {
  Builder<Value> value(to, Summary::value);
  add_text(value, Value::tag, tag);
  {
    Builder<TensorProto> tensor(value, Value::tensor);
    tensor.add_enum(TensorProto::dtype, kFloat);
    add_shape(tensor, TensorProto::tensor_shape, {0});
  }
  add_plugin(value, "hparams", data);
}

/// An attribute of a node, whose value fill(value) adds.
template <class Fill>
void add_attribute(Builder<NodeDef>& to, const std::string& name, Fill&& fill) {
  Builder<Attribute> attribute(to, NodeDef::attr);
  add_text(attribute, Attribute::key, name);
  Builder<AttrValue> value(attribute, Attribute::value);
  fill(value);
}

void add_node(Builder<GraphDef>& to, const GraphNode& from) {
  Builder<NodeDef> node(to, GraphDef::node);
  add_text(node, NodeDef::name, from.name);
  add_text(node, NodeDef::op, from.operation);
  for (const std::string& input : from.inputs) node.add_bytes(NodeDef::input, input);
  add_attribute(node, "_output_shapes", [&](Builder<AttrValue>& value) {
    Builder<ListValue> list(value, AttrValue::list);
    add_shape(list, ListValue::shape, from.shape);
  });
  add_attribute(node, "dtype", [](Builder<AttrValue>& value) { value.add_enum(AttrValue::type, kFloat); });
  for (const auto& [name, text] : from.attributes)
    add_attribute(node, name, [&](Builder<AttrValue>& value) { value.add_bytes(AttrValue::s, text); });
}

std::string experiment_of(const HyperParameters& parameters,
                          const std::vector<std::pair<std::string, std::string>>& results) {
  return message<HParamsPluginData>([&](Builder<HParamsPluginData>& data) {
    Builder<Experiment> experiment(data, HParamsPluginData::experiment);
    for (const auto& [name, value] : parameters) {
      Builder<HParamInfo> info(experiment, Experiment::hparam_infos);
      add_text(info, HParamInfo::name, name);
      info.add_enum(HParamInfo::type,
                    std::holds_alternative<double>(value) ? kNumberParameter : kStringParameter);
    }
    for (const auto& [tag, name] : results) {
      Builder<MetricInfo> info(experiment, Experiment::metric_infos);
      {
        Builder<MetricName> metric(info, MetricInfo::name);
        add_text(metric, MetricName::tag, tag);
      }
      add_text(info, MetricInfo::display_name, name);
    }
  });
}

std::string session_start_of(const HyperParameters& parameters) {
  return message<HParamsPluginData>([&](Builder<HParamsPluginData>& data) {
    Builder<SessionStartInfo> start(data, HParamsPluginData::session_start_info);
    for (const auto& [name, value] : parameters) {
      Builder<Setting> setting(start, SessionStartInfo::hparams);
      add_text(setting, Setting::key, name);
      Builder<HyperParameter> parameter(setting, Setting::value);
      if (const auto* number = std::get_if<double>(&value))
        parameter.add_double(HyperParameter::number_value, *number);
      else
        parameter.add_bytes(HyperParameter::string_value, std::get<std::string>(value));
    }
    add_double(start, SessionStartInfo::start_time_secs, now());
  });
}

std::string session_end() {
  return message<HParamsPluginData>([](Builder<HParamsPluginData>& data) {
    Builder<SessionEndInfo> end(data, HParamsPluginData::session_end_info);
    end.add_enum(SessionEndInfo::status, kSuccess);
    add_double(end, SessionEndInfo::end_time_secs, now());
  });
}

}  // namespace

bool event_files_available() { return true; }

EventFile::EventFile(const fs::path& folder) : file_(unused_file(folder)) {
  file_->append(event(
      0, [](Builder<Event>& first) { first.add_bytes(Event::file_version, std::string("brain.Event:2")); }));
}

void EventFile::restart(std::int64_t step) {
  file_->append(event(step, [](Builder<Event>& restart) {
    Builder<SessionLog> log(restart, Event::session_log);
    log.add_enum(SessionLog::status, kSessionStart);
  }));
}

void EventFile::write(std::int64_t step, const std::vector<EventValue>& values) {
  file_->append(event(step, [&](Builder<Event>& message) {
    if (values.empty()) return;
    Builder<Summary> summary(message, Event::summary);
    for (const EventValue& value : values) {
      Builder<Value> to(summary, Summary::value);
      add_text(to, Value::tag, value.tag);
      std::visit([&](const auto& content) { add_content(to, content); }, value.value);
    }
  }));
}

void EventFile::write_graph(const std::vector<GraphNode>& nodes) {
  constexpr int kProducer = 22;  // a version of TensorFlow that wrote graphs like this one
  const std::string graph = message<GraphDef>([&](Builder<GraphDef>& definition) {
    for (const GraphNode& node : nodes) add_node(definition, node);
    Builder<VersionDef> versions(definition, GraphDef::versions);
    versions.add_int32(VersionDef::producer, kProducer);
  });
  file_->append(event(0, [&](Builder<Event>& holder) { holder.add_bytes(Event::graph_def, graph); }));
}

void EventFile::write_hyperparameters(const HyperParameters& parameters,
                                      const std::vector<std::pair<std::string, std::string>>& results) {
  file_->append(event(0, [&](Builder<Event>& holder) {
    Builder<Summary> summary(holder, Event::summary);
    add_hparams(summary, "_hparams_/experiment", experiment_of(parameters, results));
    add_hparams(summary, "_hparams_/session_start_info", session_start_of(parameters));
  }));
}

void EventFile::write_end() {
  file_->append(event(0, [](Builder<Event>& holder) {
    Builder<Summary> summary(holder, Event::summary);
    add_hparams(summary, "_hparams_/session_end_info", session_end());
  }));
}

}  // namespace alexnet
