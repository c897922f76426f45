#include "train/listeners/event_log.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "base/memory.h"
#include "fmt/format.h"
#include "inference/session.h"
#include "text/text.h"
#include "train/listeners/event_images.h"
#include "train/listeners/network_graph.h"
#include "train/settings/file_settings.h"

namespace alexnet {
namespace {

constexpr double kMaxTimeFraction = 0.005;
constexpr std::int64_t kStepsBetween = 100;  // distributions: closer together TensorBoard would not show them

std::string settings_table(const TrainConfig& config) {
  std::string text = "| setting | value |\n|---|---|\n";
  for (const Setting& setting : file_settings())
    text += fmt::format("| {} | {} |\n", setting.name, printable(setting.get(config)));
  return text;
}

std::string layers_table(const NetworkSpec& spec) {
  std::string text = "| layer | kind | setting | output | weights |\n|---|---|---|---|---:|\n";
  for (const LayerSummary& layer : summarize(spec).layers)
    text += fmt::format("| {} | {} | {} | {} | {} |\n", layer.name, layer.kind, layer.setting,
                        to_string(layer.output), layer.weights + layer.normalisation);
  return text;
}

/// The settings that decide what is learned.
HyperParameters hyperparameters(const TrainConfig& config) {
  HyperParameters parameters;
  for (const Setting& setting : file_settings()) {
    const bool decides = setting.group == "Network" || setting.group == "Optimisation" ||
                         (setting.group == "Augmentation" && setting.name != "colour-axes") ||
                         setting.name == "data" || setting.name == "size";
    if (!decides) continue;
    const std::string text = setting.get(config);
    if (setting.value == "N" || setting.value == "X")
      parameters.emplace_back(setting.name, std::stod(text));
    else
      parameters.emplace_back(setting.name, printable(text));
  }
  return parameters;
}

Histogram distribution(CompiledNetwork& network, SlabId slab, const SlabEntry& entry) {
  const auto elements = static_cast<std::size_t>(element_count(entry.info.shape));
  return histogram(network.download(slab, entry.offset, entry.count), entry.count - elements);
}

}  // namespace

EventLog::EventLog(const Plan& plan, std::filesystem::path folder)
    : plan_(plan), folder_(std::move(folder)) {}

void EventLog::started(const RunStart& start) {
  const std::int64_t step = start.progress.step;
  if (start.epoch_reported) reported_ = step;
  const AddSeconds timer(spent_);
  train_.emplace(folder_ / "train");
  if (plan_.data.validation) validation_.emplace(folder_ / "validation");
  train_->restart(step + 1);
  if (validation_) validation_->restart(step + 1);
  train_->write_graph(network_graph(plan_.spec));
  train_->write_hyperparameters(
      hyperparameters(plan_.config),
      {{"best/top1", "best top-1"}, {"best/top5", "best top-5"}, {"best/loss", "best loss"}});
  train_->write(0, {{"configuration", EventText{settings_table(plan_.config)}},
                    {"network", EventText{layers_table(plan_.spec)}}});
}

bool EventLog::affordable() const { return spent_ <= kMaxTimeFraction * run_.seconds(); }

void EventLog::first_batch(const Batch& batch, std::int64_t step) {
  if (step > 1 && !affordable()) return;
  const AddSeconds timer(spent_);
  if (auto sheet = batch_sheet(batch, plan_))
    train_->write(step, {{"images/augmented batch", std::move(*sheet)}});
}

void EventLog::stepped(const StepReport& report) {
  const AddSeconds timer(spent_);
  const std::int64_t step = report.metrics.step;
  const StepValues& values = report.alone;
  const auto images = static_cast<double>(plan_.config.batch);
  train_->write(step, {{"step/loss", values.cross_entropy},
                       {"step/l2", values.l2_loss},
                       {"step/top1", values.top1 / images},
                       {"step/top5", values.top5 / images},
                       {"step/lr", values.lr},
                       {"step/images per s", images / values.seconds},
                       {"step/data wait", values.waited / values.seconds}});
  const bool first = distributions_at_ == 0;
  if (first || (step >= distributions_at_ + kStepsBetween && affordable()))
    write_distributions(step, report.step);
}

void EventLog::write_distributions(std::int64_t step, TrainStep& made) {
  distributions_at_ = step;
  CompiledNetwork& network = made.network();
  std::vector<EventValue> values;
  for (const SlabEntry& entry : network.parameter_layout()) {
    const Histogram weights = distribution(network, SlabId::kParameters, entry);
    if (entry.info.role == Role::kKernel && weights.sum_of_squares > 0) {
      const double update = network.squared_change(entry);
      values.push_back({"update ratio/" + network.spec().layers[entry.info.layer].name,
                        std::sqrt(update / weights.sum_of_squares)});
    }
    values.push_back({"weights/" + entry.info.name, weights});
    if (network.learns(entry.info.layer))
      values.push_back({"gradients/" + entry.info.name, distribution(network, SlabId::kGradients, entry)});
  }
  train_->write(step, values);
}

void EventLog::epoch_measured(const EpochReport& report) {
  const EpochMetrics& metrics = report.metrics;
  if (metrics.step == reported_) return;
  {
    const AddSeconds timer(spent_);
    write_metrics(report);
    if (metrics.epoch == 1 || report.last || affordable()) {
      write_activations(metrics.step, report.trained, report.images);
      write_images(metrics.step, report.validation, report.trained);
    }
  }
  train_->write(metrics.step, {{"epoch/event files", spent_ / run_.seconds()}});
}

void EventLog::write_metrics(const EpochReport& report) {
  const EpochMetrics& metrics = report.metrics;
  const TrainingMeans& training = report.training;
  const std::optional<Evaluation>& validation = report.validation;
  if (std::isfinite(training.cross_entropy))
    train_->write(metrics.step, {{"epoch/loss", training.cross_entropy},
                                 {"epoch/top1", training.top1},
                                 {"epoch/top5", training.top5}});
  train_->write(metrics.step, {{"epoch/loss with l2", metrics.train_loss},
                               {"epoch/lr", metrics.lr},
                               {"epoch/images per s", metrics.images_per_s},
                               {"epoch/data wait", metrics.data_wait},
                               {"epoch/seconds", metrics.seconds}});
  if (validation)
    validation_->write(metrics.step, {{"epoch/loss", validation->loss},
                                      {"epoch/top1", validation->top1},
                                      {"epoch/top5", validation->top5}});
  if (report.best && validation)
    train_->write(
        metrics.step,
        {{"best/top1", validation->top1}, {"best/top5", validation->top5}, {"best/loss", validation->loss}});
}

// By a plan of its own: one that keeps every layer's output apart would slow training down.
void EventLog::write_activations(std::int64_t step, const Model& model, std::span<const float> images) {
  constexpr std::size_t kImages = 16;
  if (images.empty()) return;
  // It has weights of its own, those of convolutions twice: no reason to end a run where memory is short.
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : model.weights) bytes += tensor.values.size_bytes();
  if (available_memory() < 2 * bytes) return;
  std::vector<std::string> layers;
  for (const Layer& layer : model.spec.layers)
    if (std::holds_alternative<Activation>(layer.kind)) layers.push_back(layer.name);
  const auto size = static_cast<std::size_t>(model.spec.input.size());
  const std::size_t rows = std::min(kImages, images.size() / size);
  Session session(model, {.batch = static_cast<int>(rows), .engine = plan_.config.engine, .layers = layers});
  session.run(images.first(rows * size));
  const std::vector<Extent> shapes = output_shapes(model.spec);
  std::vector<EventValue> values;
  for (const std::string& layer : layers) {
    const Extent& extent = shapes[layer_index(model.spec, layer)];
    std::vector<float> output(rows * static_cast<std::size_t>(extent.size()));
    session.read(layer, output);
    values.push_back({"activations/" + layer, histogram(output)});
  }
  values.push_back({"activations/logits", histogram(session.logits())});
  train_->write(step, values);
}

void EventLog::write_images(std::int64_t step, const std::optional<Evaluation>& validation,
                            const Model& model) {
  std::vector<EventValue> values;
  if (auto filters = filter_sheet(model))
    values.push_back(
        {"images/" + filters->layer + " filters",
         EventImage{filters->sheet.width, filters->sheet.height, 3, std::move(filters->sheet.png)}});
  if (validation)
    if (auto mistakes = mistakes_sheet(*validation, plan_))
      values.push_back({"images/worst mistakes", std::move(*mistakes)});
  if (!values.empty()) train_->write(step, values);
}

void EventLog::ended(bool interrupted) {
  if (!interrupted) train_->write_end();
}

}  // namespace alexnet
