#include "tensorboard/event_file.h"

#include <chrono>

#include "base/file.h"
#include "events.pb.h"
#include "fmt/format.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

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

events::Event event(std::int64_t step) {
  events::Event event;
  event.set_wall_time(now());
  event.set_step(step);
  return event;
}

void fill(events::Summary::Value& to, double value) { to.set_simple_value(static_cast<float>(value)); }

void fill(events::Summary::Value& to, const Histogram& from) {
  events::HistogramProto& histogram = *to.mutable_histo();
  histogram.set_min(from.least);
  histogram.set_max(from.greatest);
  histogram.set_num(from.count);
  histogram.set_sum(from.sum);
  histogram.set_sum_squares(from.sum_of_squares);
  histogram.mutable_bucket_limit()->Add(from.limits.begin(), from.limits.end());
  histogram.mutable_bucket()->Add(from.counts.begin(), from.counts.end());
}

void fill(events::Summary::Value& to, const EventPicture& from) {
  events::Summary::Image& image = *to.mutable_image();
  image.set_width(from.width);
  image.set_height(from.height);
  image.set_colorspace(from.channels);
  image.set_encoded_image_string(from.file);
}

void fill(events::Summary::Value& to, const EventText& from) {
  to.mutable_metadata()->mutable_plugin_data()->set_plugin_name("text");
  events::TensorProto& tensor = *to.mutable_tensor();
  tensor.set_dtype(events::DT_STRING);
  tensor.mutable_tensor_shape();  // a scalar
  tensor.add_string_val(from.markdown);
}

/// The hyperparameters' plugin keeps its data in what describes a tensor without elements.
void fill(events::Summary::Value& to, const events::HParamsPluginData& from) {
  auto& plugin = *to.mutable_metadata()->mutable_plugin_data();
  plugin.set_plugin_name("hparams");
  plugin.set_content(from.SerializeAsString());
  events::TensorProto& tensor = *to.mutable_tensor();
  tensor.set_dtype(events::DT_FLOAT);
  tensor.mutable_tensor_shape()->add_dim()->set_size(0);
}

events::NodeDef node_of(const GraphNode& from) {
  events::NodeDef node;
  node.set_name(from.name);
  node.set_op(from.operation);
  for (const std::string& input : from.inputs) node.add_input(input);
  const auto attribute = [&](const std::string& name) -> events::AttrValue& {
    events::Attribute& added = *node.add_attr();
    added.set_key(name);
    return *added.mutable_value();
  };
  events::TensorShapeProto& shape = *attribute("_output_shapes").mutable_list()->add_shape();
  for (const std::int64_t extent : from.shape) shape.add_dim()->set_size(extent);
  attribute("dtype").set_type(events::DT_FLOAT);
  for (const auto& [name, value] : from.attributes) attribute(name).set_s(value);
  return node;
}

}  // namespace

EventFile::EventFile(const fs::path& folder) : file_(unused_file(folder)) {
  events::Event first = event(0);
  first.set_file_version("brain.Event:2");
  file_->append(first.SerializeAsString());
}

void EventFile::restart(std::int64_t step) {
  events::Event restart = event(step);
  restart.mutable_session_log()->set_status(events::SessionLog::START);
  file_->append(restart.SerializeAsString());
}

void EventFile::write(std::int64_t step, const std::vector<EventValue>& values) {
  events::Event figures = event(step);
  for (const EventValue& value : values) {
    events::Summary::Value& to = *figures.mutable_summary()->add_value();
    to.set_tag(value.tag);
    std::visit([&](const auto& content) { fill(to, content); }, value.value);
  }
  file_->append(figures.SerializeAsString());
}

void EventFile::write_graph(const std::vector<GraphNode>& nodes) {
  constexpr int kProducer = 22;  // a version of TensorFlow that wrote graphs like this one
  events::GraphDef graph;
  graph.mutable_versions()->set_producer(kProducer);
  for (const GraphNode& node : nodes) *graph.add_node() = node_of(node);
  events::Event holder = event(0);
  holder.set_graph_def(graph.SerializeAsString());
  file_->append(holder.SerializeAsString());
}

void EventFile::write_hyperparameters(const HyperParameters& parameters,
                                      const std::vector<std::pair<std::string, std::string>>& results) {
  events::HParamsPluginData experiment, start;
  start.mutable_session_start_info()->set_start_time_secs(now());
  for (const auto& [name, value] : parameters) {
    events::HParamInfo& info = *experiment.mutable_experiment()->add_hparam_infos();
    info.set_name(name);
    events::Setting& setting = *start.mutable_session_start_info()->add_hparams();
    setting.set_key(name);
    if (const auto* number = std::get_if<double>(&value)) {
      info.set_type(events::HParamInfo::DATA_TYPE_FLOAT64);
      setting.mutable_value()->set_number_value(*number);
    } else {
      info.set_type(events::HParamInfo::DATA_TYPE_STRING);
      setting.mutable_value()->set_string_value(std::get<std::string>(value));
    }
  }
  for (const auto& [tag, name] : results) {
    events::MetricInfo& info = *experiment.mutable_experiment()->add_metric_infos();
    info.mutable_name()->set_tag(tag);
    info.set_display_name(name);
  }
  events::Event holder = event(0);
  for (const auto& [tag, data] :
       {std::pair("_hparams_/experiment", experiment), std::pair("_hparams_/session_start_info", start)}) {
    events::Summary::Value& to = *holder.mutable_summary()->add_value();
    to.set_tag(tag);
    fill(to, data);
  }
  file_->append(holder.SerializeAsString());
}

void EventFile::write_end() {
  events::HParamsPluginData end;
  end.mutable_session_end_info()->set_status(events::SessionEndInfo::STATUS_SUCCESS);
  end.mutable_session_end_info()->set_end_time_secs(now());
  events::Event holder = event(0);
  events::Summary::Value& to = *holder.mutable_summary()->add_value();
  to.set_tag("_hparams_/session_end_info");
  fill(to, end);
  file_->append(holder.SerializeAsString());
}

}  // namespace alexnet
