#include "tests/train/tiny_run.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "base/file.h"
#include "base/random.h"
#include "train/run/metrics_file.h"
#include "train/step/checkpoint.h"

namespace alexnet {
namespace {

constexpr int kSide = 12;

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;  // without the fsync of write_file()
}

void append_big_endian(std::string& text, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>((value >> shift) & 0xff);
}

std::string image(int place, std::uint64_t index) {
  RandomStream noise(1, Purpose::kSample, 0, index);
  std::string pixels;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const bool bright = (y / 4) == place % 3 && (x / 4) == (place / 3 + 1) % 3;
      pixels += static_cast<char>(noise.below(120) + (bright ? 70 : 0));
    }
  return pixels;
}

void write_idx(const std::filesystem::path& folder, const std::string& stem, int count, int classes,
               std::uint64_t first) {
  std::string images, labels;
  append_big_endian(images, 0x803);
  append_big_endian(labels, 0x801);
  for (std::string* header : {&images, &labels})
    append_big_endian(*header, static_cast<std::uint32_t>(count));
  append_big_endian(images, kSide);
  append_big_endian(images, kSide);
  for (int i = 0; i < count; ++i) {
    images += image(i % classes, first + static_cast<std::uint64_t>(i));
    labels += static_cast<char>(i % classes);
  }
  write_text(folder / (stem + "-images-idx3-ubyte"), images);
  write_text(folder / (stem + "-labels-idx1-ubyte"), labels);
}

void append_chunk(std::string& png, const std::string& type, const std::string& data) {
  append_big_endian(png, static_cast<std::uint32_t>(data.size()));
  const std::string body = type + data;
  png += body;
  append_big_endian(png, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                          static_cast<uInt>(body.size()))));
}

}  // namespace

void write_tiny_data(const std::filesystem::path& folder, int train, int validation, int classes) {
  std::filesystem::create_directories(folder);
  write_idx(folder, "train", train, classes, 0);
  if (validation > 0) write_idx(folder, "t10k", validation, classes, 1'000'000);
}

void write_png(const std::filesystem::path& path, int side, int place) {
  std::filesystem::create_directories(path.parent_path());
  std::string rows;
  for (int y = 0; y < side; ++y) {
    rows += '\0';
    for (int x = 0; x < side; ++x) rows += static_cast<char>(y / 4 == place ? 200 : 40 + x);
  }
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
           static_cast<uLong>(rows.size()));
  packed.resize(size);
  std::string header;
  append_big_endian(header, static_cast<std::uint32_t>(side));
  append_big_endian(header, static_cast<std::uint32_t>(side));
  header += std::string("\x08\0\0\0\0", 5);  // 8 bits, gray
  std::string png = "\x89PNG\r\n\x1a\n";
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", "");
  write_text(path, png);
}

NetworkSpec tiny_network(int width, int height, int depth, int classes, double reg) {
  const auto l2 = static_cast<float>(reg);
  return {"tiny",
          {depth, height, width},
          {{"conv1", Conv{.filters = 4, .kernel = 3, .padding = {Padding::Mode::kSame, 0}, .l2 = l2}},
           {"relu1", Activation{}},
           {"bn1", BatchNorm{}},
           {"pool1", Pool{}},
           {"drop1", Dropout{0.25F}},
           {"flatten", Flatten{}},
           {"fc2", Dense{.units = classes, .l2 = l2}},
           {"prob", Softmax{}}}};
}

TrainConfig tiny_config(const std::filesystem::path& data, const std::filesystem::path& out) {
  TrainConfig config;
  config.data = data.string();
  config.out = out.string();
  config.size = 10;
  config.resize = 12;
  config.epochs = 4;
  config.batch = 16;
  config.lr = 0.02;
  config.engine = "reference";
  config.threads = 1;
  config.workers = 2;
  config.bn_batches = 3;
  config.checkpoint_minutes = 0;
  return config;
}

TrainResult train_tiny(const TrainConfig& config, Watcher& watcher, const std::atomic<bool>* stop) {
  return train_network(config, tiny_network, watcher, stop);
}

TrainResult resume_tiny(const std::filesystem::path& run, Watcher& watcher, const std::atomic<bool>* stop) {
  return resume_network(run, tiny_network, watcher, stop);
}

namespace {

bool same_tensors(const NamedTensors& a, const NamedTensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.shape == y.second.shape &&
           std::memcmp(x.second.values.data(), y.second.values.data(), x.second.values.size_bytes()) == 0;
  });
}

bool same_metrics(const EpochMetrics& a, const EpochMetrics& b) {
  return a.epoch == b.epoch && a.step == b.step && a.lr == b.lr && a.train_loss == b.train_loss &&
         a.train_top1 == b.train_top1 && a.val_loss == b.val_loss && a.val_top1 == b.val_top1 &&
         a.val_top5 == b.val_top5;
}

}  // namespace

std::string difference(const std::filesystem::path& run, const std::filesystem::path& other) {
  std::string text;
  for (const char* model : {"best.safetensors", "last.safetensors"})
    if (read_file(run / model) != read_file(other / model)) text += std::string(model) + " differs; ";
  const Checkpoint a = load_checkpoint(run / "checkpoint.safetensors");
  const Checkpoint b = load_checkpoint(other / "checkpoint.safetensors");
  if (!same_tensors(a.tensors, b.tensors)) text += "weights or what the optimizer keeps differ; ";
  if (a.progress.step != b.progress.step || a.progress.best_top1 != b.progress.best_top1)
    text += "progress differs; ";
  const auto mine = read_metrics(run / "metrics.jsonl", 1'000'000);
  const auto theirs = read_metrics(other / "metrics.jsonl", 1'000'000);
  if (!std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(), same_metrics))
    text += "metrics differ; ";
  return text;
}

}  // namespace alexnet
