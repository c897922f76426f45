#include "alexnet/settings.h"

#include <gmock/gmock.h>

#include <set>

#include "alexnet/error.h"
#include "base/file.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const Setting& setting(std::string_view name) {
  for (const Setting& s : train_settings())
    if (s.name == name) return s;
  throw std::out_of_range(std::string(name));
}

TrainConfig unusual() {
  TrainConfig config;
  config.data = "some/photos, mine";
  config.validation_split = 0.1;
  config.size = 96;
  config.shuffle = false;
  config.strict = true;
  config.mean = {0.485F, 0.456F, 0.406F};
  config.stddev = {0.1F, 1e-5F, 3};
  config.dropout = {0.25F};
  config.freeze = "conv1-pool5";
  config.lr = 0.1 + 0.2;
  config.class_weights = "1,2.5,3";
  config.seed = 18'446'744'073'709'551'615U;
  config.max_steps = 1'000'000'000'000;
  config.max_minutes = 0.05;
  return config;
}

TEST(Settings, AreAllThere) {
  std::set<std::string_view> names;
  for (const Setting& s : train_settings()) names.insert(s.name);
  for (const char* name : {"out",           "epochs",
                           "batch",         "lr",
                           "momentum",      "l2",
                           "seed",          "threads",
                           "size",          "resize",
                           "crop",          "dropout",
                           "augment",       "shuffle",
                           "max-steps",     "engine",
                           "cache",         "val",
                           "val-split",     "schedule",
                           "step-epochs",   "lr-factor",
                           "warmup",        "label-smoothing",
                           "class-weights", "freeze",
                           "init",          "early-stop",
                           "max-minutes",   "max-bad",
                           "strict",        "mean",
                           "std",           "channels",
                           "workers",       "bn-statistics",
                           "bn-batches",    "checkpoint-minutes",
                           "preset",        "activation",
                           "weight-decay",  "bias-lr",
                           "layer-lr",      "clip",
                           "per-class",     "pooling",
                           "normalisation", "towers",
                           "width-factor",  "enough-top1",
                           "optimizer",     "beta1",
                           "beta2",         "adam-epsilon",
                           "ema",           "min-area",
                           "jitter",        "cutout",
                           "mixup",         "colour",
                           "colour-axes",   "views",
                           "convolution",   "precision",
                           "tensorboard",   "keep-checkpoint"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_EQ(names.size(), train_settings().size());
}

// Krizhevsky, Sutskever, Hinton 2012, sections 4.1 and 5.
TEST(Settings, HaveTheRecipeOfThePaper) {
  TrainConfig config;
  config.data = "photos";
  apply_recipe(config, "paper");
  validate(config);
  EXPECT_EQ(config.preset, "paper");
  EXPECT_EQ(config.batch, 128);
  EXPECT_EQ(config.momentum, 0.9);
  EXPECT_EQ(config.weight_decay, 0.0005);
  EXPECT_EQ(config.l2, 0);
  EXPECT_EQ(config.lr, 0.01);
  EXPECT_EQ(config.lr_factor, 0.1);
  EXPECT_EQ(config.schedule, "plateau");
  EXPECT_EQ(config.colour, 0.1);
  EXPECT_EQ(config.epochs, 90);
  EXPECT_EQ(config.data, "photos");
  EXPECT_THROW(apply_recipe(config, "cake"), UsageError);
}

TEST(Settings, GiveBackWhatTheyWereSetTo) {
  const TrainConfig config = unusual();
  TrainConfig copy;
  for (const Setting& s : train_settings()) s.set(copy, s.get(config));
  copy.data = config.data;
  EXPECT_EQ(to_json(copy), to_json(config));
  EXPECT_EQ(copy.lr, config.lr);
  EXPECT_EQ(copy.stddev, config.stddev);
  EXPECT_EQ(copy.seed, config.seed);
}

TEST(Settings, RefuseWhatTheyCannotTake) {
  const std::pair<const char*, const char*> wrong[] = {
      {"epochs", "0"},       {"epochs", "1.5"},           {"epochs", "ten"},       {"epochs", ""},
      {"epochs", "3 "},      {"epochs", "99999999999"},   {"lr", "-0.1"},          {"lr", "nan"},
      {"lr", "inf"},         {"momentum", "1"},           {"dropout", "0.5,"},     {"dropout", "1"},
      {"shuffle", "maybe"},  {"engine", "gpu"},           {"engine", ""},          {"convolution", "fast"},
      {"precision", "int8"}, {"engine", "cpu|reference"}, {"schedule", "cos"},     {"seed", "-1"},
      {"std", "0,1,1"},      {"val-split", "1"},          {"label-smoothing", "1"}};
  for (const auto& pair : wrong) {
    TrainConfig config;
    EXPECT_THAT(error_text<UsageError>([&] { setting(pair.first).set(config, pair.second); }),
                HasSubstr(std::string("--") + pair.first))
        << pair.first << " " << pair.second;
  }
  TrainConfig config;
  EXPECT_EQ(error_text<UsageError>([&] { setting("momentum").set(config, "1.5"); }),
            "--momentum: '1.5' is not valid: expected a number, at least 0 and less than 1");
}

TEST(Settings, StrictIsAFlag) {
  EXPECT_EQ(setting("strict").value, "");
  TrainConfig config;
  setting("strict").set(config, "");
  EXPECT_TRUE(config.strict);
}

TEST(ConfigFile, TakesWhatToJsonWrites) {
  const TemporaryFolder folder;
  const TrainConfig config = unusual();
  write_file(folder / "config.json", to_json(config));
  TrainConfig read;
  apply_config_file(read, folder / "config.json");
  EXPECT_EQ(to_json(read), to_json(config));
  EXPECT_EQ(read.data, config.data);
  EXPECT_EQ(read.mean, config.mean);
  EXPECT_TRUE(read.strict);
  EXPECT_FALSE(read.shuffle);
  EXPECT_EQ(read.lr, config.lr);
  EXPECT_EQ(read.seed, config.seed);
}

TEST(ConfigFile, MayBeBytes) {
  TrainConfig config;
  apply_config_file(config, Bytes::own("request.json", "{\"epochs\": 7}"));
  apply_config_file(config, Bytes::own("request.toml", "batch = 3\n"));
  EXPECT_EQ(config.epochs, 7);
  EXPECT_EQ(config.batch, 3);
  EXPECT_THAT(error_text<DataError>([&] { apply_config_file(config, Bytes::own("request", "{}")); }),
              HasSubstr("request: is neither .toml nor .json"));
}

TEST(ConfigFile, TakesToml) {
  const TemporaryFolder folder;
  write_file(folder / "a.toml",
             "# mine\ndata = \"photos\"\nlr = 0.3\nepochs = 7\nmax_steps = 12\ndropout = [0.1, 0.2]\nmean = "
             "0.5\nstrict = true\nshuffle = \"off\"\nclass-weights = [1, 2]\n");
  TrainConfig config;
  config.batch = 7;
  apply_config_file(config, folder / "a.toml");
  EXPECT_EQ(config.data, "photos");
  EXPECT_EQ(config.lr, 0.3);
  EXPECT_EQ(config.epochs, 7);
  EXPECT_EQ(config.max_steps, 12);
  EXPECT_THAT(config.dropout, ElementsAre(0.1F, 0.2F));
  EXPECT_THAT(config.mean, ElementsAre(0.5F));
  EXPECT_TRUE(config.strict);
  EXPECT_FALSE(config.shuffle);
  EXPECT_EQ(config.class_weights, "1,2");
  EXPECT_EQ(config.batch, 7);  // not named in the file: as it was
}

TEST(ConfigFile, NamesFileAndKeyInErrors) {
  const TemporaryFolder folder;
  const auto error_of = [&](const char* name, const std::string& text) {
    write_file(folder / name, text);
    TrainConfig config;
    return error_text<DataError>([&] { apply_config_file(config, folder / name); });
  };
  EXPECT_THAT(error_of("a.toml", "lr = 1\nepoch = 3\n"),
              AllOf(HasSubstr("a.toml"), HasSubstr("'epoch'"), HasSubstr("did you mean 'epochs'?")));
  EXPECT_THAT(error_of("a.toml", "flavour = 3\n"), AllOf(HasSubstr("'flavour'"), HasSubstr("flags")));
  EXPECT_THAT(error_of("a.toml", "lr = = 3\n"), AllOf(HasSubstr("a.toml"), HasSubstr("line 1")));
  EXPECT_THAT(error_of("a.toml", "[lr]\nx = 3\n"), HasSubstr("'lr'"));
  EXPECT_THAT(error_of("a.json", "{\"lr\": \"fast\"}"), AllOf(HasSubstr("a.json: lr: 'fast'")));
  EXPECT_THAT(error_of("a.json", "{\"lr\": null}"), HasSubstr("'lr'"));
  EXPECT_THAT(error_of("a.json", "{\"lr\": 1"), HasSubstr("is not JSON"));
  EXPECT_THAT(error_of("a.json", "{\"lr\": 1, \"lr\": 2}"), HasSubstr("'lr' appears twice"));
  std::string deep = "a";
  for (int i = 0; i < 50'000; ++i) deep += ".a";
  for (const std::string& text : {deep + " = 1\n", "lr = 1\n[" + deep + "]\n", "lr = {" + deep + " = 1}\n"})
    EXPECT_THAT(error_of("a.toml", text), HasSubstr("has a key of more than 16 parts"));
  EXPECT_THAT(error_of("a.toml", "lr = 1\n'a'.\"b\" . c.d.e.f.g.h.i.j.k.l.m.n.o.p.q = 1"),
              HasSubstr("line 2"));
  EXPECT_THAT(error_of("a.json", "{\"lr\": 1e999}"), HasSubstr("a.json: holds a number out of range"));
  EXPECT_THAT(error_of("a.json", "[1]"), HasSubstr("a.json"));
  EXPECT_THAT(error_of("a.yaml", "lr: 1"), HasSubstr("neither .toml nor .json"));
}

TEST(ConfigFile, ChangesNothingWhenItIsWrong) {
  const TemporaryFolder folder;
  write_file(folder / "a.json", "{\"lr\": 5, \"epochs\": 0}");
  TrainConfig config;
  EXPECT_THROW(apply_config_file(config, folder / "a.json"), DataError);
  EXPECT_EQ(config.lr, TrainConfig{}.lr);
}

TEST(Validate, TakesTheDefaults) {
  TrainConfig config;
  config.data = "photos";
  EXPECT_NO_THROW(validate(config));
}

TEST(Validate, ChecksSettingsAgainstEachOther) {
  const auto error_of = [](void (*change)(TrainConfig&)) {
    TrainConfig config;
    config.data = "photos";
    change(config);
    return error_text<UsageError>([&] { validate(config); });
  };
  EXPECT_THAT(error_of([](TrainConfig& c) { c.data.clear(); }), HasSubstr("data"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.batch = 0; }), HasSubstr("--batch"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.lr = std::nan(""); }), HasSubstr("--lr"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.size = 64, c.crop = 60; }), HasSubstr("--crop"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.resize = 200; }), HasSubstr("--resize"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.resize = Preprocessing::kLargestResize + 1; }),
              HasSubstr("--resize"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.validation = "v", c.validation_split = 0.1; }),
              HasSubstr("--val-split"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.warmup_epochs = 31; }), HasSubstr("--warmup"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.class_weights = "some"; }), HasSubstr("--class-weights"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.class_weights = "0,0"; }), HasSubstr("--class-weights"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.channels = 2; }), HasSubstr("--channels"));
  EXPECT_THAT(error_of([](TrainConfig& c) { c.mean = {0.1F, 0.2F}; }), HasSubstr("--mean"));
  EXPECT_EQ(error_of([](TrainConfig& c) { c.crop = 64; }), "no error");
  EXPECT_EQ(error_of([](TrainConfig& c) { c.class_weights = "0,1,2"; }), "no error");
}

}  // namespace
}  // namespace alexnet
