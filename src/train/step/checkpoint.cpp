#include "train/step/checkpoint.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "alexnet/error.h"
#include "base/digest.h"
#include "fmt/format.h"
#include "formats/check_model.h"
#include "formats/own_model.h"
#include "formats/safetensors/safetensors.h"

namespace alexnet {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "alexnet checkpoint 1";

std::string progress_text(const Progress& p, const RunIdentity& identity) {
  Json json{{"epoch", p.epoch},
            {"step", p.step},
            {"step_of_epoch", p.step_of_epoch},
            {"loss_sum", p.loss_sum},
            {"hits", p.hits},
            {"hits5", p.hits5},
            {"images", p.images},
            {"training_seconds", p.training_seconds},
            {"waiting_seconds", p.waiting_seconds},
            {"epoch_seconds", p.epoch_seconds},
            {"seconds", p.seconds},
            {"best_epoch", p.best_epoch},
            {"plateau", {p.plateau.scale, p.plateau.best, p.plateau.waited, p.plateau.seen}},
            {"data", identity.data},
            {"data_images", identity.images},
            {"bgr", identity.preprocessing.bgr},
            {"preprocessing", preprocessing_to_json(identity.preprocessing)}};
  if (std::isfinite(p.cross_entropy_sum)) json["cross_entropy_sum"] = p.cross_entropy_sum;
  if (p.best_top1) json["best_top1"] = *p.best_top1;
  if (p.best_loss && std::isfinite(*p.best_loss)) json["best_loss"] = *p.best_loss;
  if (identity.content) json["content"] = *identity.content;
  return json.dump();
}

void read_progress(const std::string& text, Progress& p, RunIdentity& identity, const std::string& where) {
  const Json json = Json::parse(text);
  json.at("epoch").get_to(p.epoch);
  json.at("step").get_to(p.step);
  json.at("step_of_epoch").get_to(p.step_of_epoch);
  json.at("loss_sum").get_to(p.loss_sum);
  json.at("hits").get_to(p.hits);
  // Checkpoints of older versions do not have these sums, which matter inside an epoch only.
  const double unknown = p.step_of_epoch == 0 ? 0 : std::numeric_limits<double>::quiet_NaN();
  p.cross_entropy_sum = json.value("cross_entropy_sum", unknown);
  p.hits5 = json.value("hits5", std::int64_t{0});
  json.at("images").get_to(p.images);
  json.at("training_seconds").get_to(p.training_seconds);
  json.at("waiting_seconds").get_to(p.waiting_seconds);
  json.at("epoch_seconds").get_to(p.epoch_seconds);
  json.at("seconds").get_to(p.seconds);
  json.at("best_epoch").get_to(p.best_epoch);
  const Json& plateau = json.at("plateau");
  p.plateau = {plateau.at(0).get<double>(), plateau.at(1).get<double>(), plateau.at(2).get<int>(),
               plateau.at(3).get<bool>()};
  json.at("data").get_to(identity.data);
  // Earlier versions wrote "pictures".
  json.at(json.contains("pictures") ? "pictures" : "data_images").get_to(identity.images);
  json.at("bgr").get_to(identity.preprocessing.bgr);
  // Of earlier versions, the settings have all else.
  if (json.contains("preprocessing"))
    identity.preprocessing = preprocessing_from_json(json.at("preprocessing").get<std::string>(), where);
  if (json.contains("best_top1")) p.best_top1 = json.at("best_top1").get<double>();
  if (json.contains("best_loss")) p.best_loss = json.at("best_loss").get<double>();
  if (json.contains("content")) identity.content = json.at("content").get<std::uint64_t>();
}

/// Over the progress and the settings too: a flipped bit in any of them is noticed.
std::string digest(const NamedTensors& tensors, const std::string& progress, const std::string& settings) {
  Digest sum;
  sum.add(progress);
  if (!settings.empty()) sum.add(settings);
  for (const auto& [name, tensor] : tensors) {
    sum.add(name);
    sum.add(std::as_bytes(tensor.values));
  }
  return fmt::format("{:016x}", sum.value());
}

std::string kept_name(SlabId slab, const SlabEntry& entry) {
  return fmt::format("{}.{}", to_string(slab), entry.info.name);
}

}  // namespace

bool is_kept(const CompiledNetwork& network, const SlabEntry& entry) {
  return network.learns(entry.info.layer);
}

void save_checkpoint(const std::filesystem::path& path, const RunState& state, CompiledNetwork& network,
                     const NamedTensors& fixed) {
  NamedTensors tensors = network.save();
  tensors.insert(fixed.begin(), fixed.end());
  if (const TensorView& image = state.identity.preprocessing.mean_image; !image.values.empty())
    tensors.emplace(kMeanImage, image);
  for (const SlabId slab : network.kept_slabs())
    for (const SlabEntry& entry : network.parameter_layout()) {
      if (!is_kept(network, entry)) continue;
      Tensor tensor(entry.info.shape);
      network.read(slab, entry, tensor.values);
      tensors.emplace(kept_name(slab, entry), TensorView::own(std::move(tensor)));
    }
  const std::string text = progress_text(state.progress, state.identity);
  save_tensors(tensors,
               {{"format", kFormat},
                {"progress", text},
                {"settings", state.settings},
                {"digest", digest(tensors, text, state.settings)}},
               path);
}

Checkpoint load_checkpoint(const Bytes& bytes) {
  const TensorFile file = load_tensors(bytes);
  const auto metadata = [&](const char* key) {
    const auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (metadata("format") != kFormat)
    throw DataError(bytes.name, "is not a checkpoint of this program", "start a new run in another folder");
  if (metadata("digest") != digest(file.tensors, metadata("progress"), metadata("settings")))
    throw DataError(bytes.name, "is damaged: its content does not match its checksum",
                    "restore it from a copy, or start a new run with --init and the run's best.safetensors");
  Checkpoint checkpoint;
  try {
    read_progress(metadata("progress"), checkpoint.progress, checkpoint.identity, bytes.name);
  } catch (const Json::exception&) {
    throw DataError(bytes.name, "does not contain the progress of a run",
                    "start a new run in another folder");
  }
  checkpoint.settings = metadata("settings");
  checkpoint.tensors = file.tensors;
  if (auto image = checkpoint.tensors.extract(kMeanImage))
    checkpoint.identity.preprocessing.mean_image = std::move(image.mapped());
  return checkpoint;
}

Checkpoint load_checkpoint(const std::filesystem::path& path) { return load_checkpoint(Bytes::map(path)); }

void restore(const Checkpoint& checkpoint, const std::filesystem::path& path, CompiledNetwork& network) {
  network.load(checkpoint.tensors);
  for (const SlabId slab : network.kept_slabs())
    for (const SlabEntry& entry : network.parameter_layout()) {
      const auto found = checkpoint.tensors.find(kept_name(slab, entry));
      if (!is_kept(network, entry)) continue;  // older versions wrote it all the same
      if (found == checkpoint.tensors.end() || found->second.shape != entry.info.shape)
        throw DataError(path.string(),
                        fmt::format("has no {} that fits '{}'", to_string(slab), entry.info.name),
                        "config.json and the checkpoint are not of the same run");
      network.write(slab, entry, found->second.values);
    }
}

}  // namespace alexnet
