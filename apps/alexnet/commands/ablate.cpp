// alexnet ablate: variants of a training run, each with several seeds, beside one another.
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "alexnet/studies.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "charts/charts.h"
#include "command.h"
#include "console/output.h"
#include "console/stop_signal.h"
#include "console/terminal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string config, out, data, validation;
  std::vector<std::string> set;
  std::vector<std::uint64_t> seeds;
  bool json = false;
};

/// The table for a terminal.
std::string plain_table(const Study& study, const StudyResult& result) {
  const bool epochs = study.measure == StudyMeasure::kEpochs;
  const int digits = epochs ? 1 : 4;
  const auto bound = [](const Estimate& e) { return e.at_least ? "> " : ""; };
  const auto shown = [&](const Estimate& e) {
    if (std::isnan(e.mean)) return std::string("-");
    return bound(e) + decimal(e.mean, digits);
  };
  std::vector<std::vector<std::string>> rows = {
      {"variant", "seeds", epochs ? "epochs" : "top-1", "+-", "difference", "from", "to"}};
  if (epochs) rows.front().emplace_back("times");
  rows.front().insert(rows.front().end(), {"training top-1", "minutes"});
  for (const VariantResult& v : result.variants) {
    rows.push_back({printable(v.name), std::to_string(v.value.count), shown(v.value),
                    decimal(v.value.stddev, digits), shown(v.difference), decimal(v.difference.low, digits),
                    decimal(v.difference.high, digits)});
    if (epochs)
      rows.back().push_back(std::isnan(v.ratio.mean) ? "-" : bound(v.ratio) + decimal(v.ratio.mean, 2));
    rows.back().insert(rows.back().end(), {decimal(v.train_top1.mean, 4), decimal(v.minutes, 1)});
  }
  return table(rows);
}

std::string time_left(double seconds) { return std::isfinite(seconds) ? duration(seconds) : "?"; }

/// Progress and notes on standard error; with `rows` a line per run on standard output.
class View : public StudyObserver {
 public:
  explicit View(bool rows) : rows_(rows) {
    set_log_sink([this](LogLevel, std::string_view message) { note(std::string(message)); });
  }
  ~View() override { set_log_sink({}); }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  void progressed(const StudyProgress& now) override {
    bar_.show(fmt::format("run {}/{} {}, seed {}, epoch {}/{}", now.run, now.runs, now.variant, now.seed,
                          now.epoch, now.epochs),
              now.step, now.steps,
              fmt::format("loss {} top-1 {:.3f}, all runs {} left", decimal(now.loss, 3), now.train_top1,
                          time_left(now.seconds_left)));
  }
  void run_done(const StudyRun& run, const StudyProgress& now, bool earlier) override {
    bar_.clear();
    const std::string line =
        fmt::format("{:>3}/{} {}, seed {}: {}, {}{}", now.run, now.runs, printable(now.variant), run.seed,
                    outcome(run), duration(run.seconds),
                    earlier ? " (done before)" : fmt::format("; {} left", time_left(now.seconds_left)));
    if (!rows_) return bar_.line(line);
    output_.write(line + "\n");
  }
  void note(const std::string& text) override { bar_.line(printable(text)); }
  void line(const std::string& text) { bar_.line(text); }
  /// DataError when rows could not be written.
  void finish() const { output_.finish(); }

 private:
  static std::string outcome(const StudyRun& run) {
    if (run.state == StudyRun::State::kDiverged) return "diverged";
    if (run.epochs.empty()) return "no epoch";
    const EpochMetrics& last = run.epochs.back();
    std::string text = fmt::format("{} epoch{}, training top-1 {}", last.epoch, last.epoch == 1 ? "" : "s",
                                   decimal(last.train_top1, 4));
    if (last.val_top1) text += fmt::format(", validation {}", decimal(*last.val_top1, 4));
    return text;
  }

  bool rows_;
  ProgressBar bar_;
  RunOutput output_;
};

Study load(const Options& options) {
  std::vector<std::pair<std::string, std::string>> overrides;
  for (const std::string& setting : options.set) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError("--set", fmt::format("'{}' is not valid", setting),
                       "expected NAME=VALUE, such as epochs=1");
    overrides.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  for (const auto& [name, value] : {std::pair("data", options.data), std::pair("val", options.validation)})
    if (!value.empty()) overrides.emplace_back(name, value);
  Study study = load_study(options.config, overrides);
  if (!options.seeds.empty()) study.seeds = options.seeds;
  for (StudyVariant& variant : study.variants) start_from_zoo(variant.config);
  return study;
}

int run_ablate(const Options& options) {
  const Study study = load(options);
  if (!charts_available()) note_charts_left_out();  // before hours of work
  const std::filesystem::path out(options.out);
  const std::atomic<bool>& stop = catch_stop_signals();
  View view(!options.json);
  const StudyResult result = run_study(study, out, view, &stop);
  if (result.interrupted) {
    view.line("saved; run the same command again to resume");
    return kInterrupted;
  }
  if (options.json) {
    output(study_json(study, result));
    return kDone;
  }
  output(fmt::format("\n{}\nresults.md, results.csv, results.json{} in {}\n", plain_table(study, result),
                     charts_available() ? ", differences.png, curves.png" : "", printable(out.string())));
  view.finish();
  return kDone;
}

}  // namespace

void add_ablate(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("ablate",
                                             "Compare settings: train variants of a run, "
                                             "each with several seeds\n\nCONFIG is a .toml or "
                                             ".json file with settings, a base, variants and seeds. Every "
                                             "run is an ordinary training run in a folder below "
                                             "--out; finished runs are not repeated, and interrupted runs "
                                             "are resumed. Writes a table (Markdown, CSV, "
                                             "JSON) and charts.");
  command->add_option("CONFIG", options->config, "the study")->required();
  command->add_option("--out", options->out, "folder for runs and results")->type_name("DIR")->required();
  command->add_option("--data", options->data, "training data, as for train; overrides the file's")
      ->type_name("DATA");
  command->add_option("--val", options->validation, "validation data; overrides the file's")
      ->type_name("DIR");
  command->add_option("--seeds", options->seeds, "seeds; overrides the file's")
      ->type_name("N,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--set", options->set,
                   "a training setting for all runs; overrides the file's; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  add_json(command, options->json, "results.json on standard output instead of a table");
  command->callback([options, &run] { run = [options] { return run_ablate(*options); }; });
}

}  // namespace alexnet::cli
