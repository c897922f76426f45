#include "console/train_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <vector>

#include "alexnet/log.h"
#include "command.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

std::string decimal(const std::optional<double>& value, int digits) {
  return value ? cli::decimal(*value, digits) : "-";
}

constexpr std::string_view kHeading =
    "                  training            validation\n"
    "epoch       lr    loss  top-1     loss  top-1  top-5   img/s  wait     time\n";

std::string row(const EpochMetrics& epoch, bool best) {
  return fmt::format("{:>5} {:>8.3g} {:>7} {:>6} {:>8} {:>6} {:>6} {:>7.0f} {:>4.0f}% {:>8}{}\n", epoch.epoch,
                     epoch.lr, cli::decimal(epoch.train_loss, 3), cli::decimal(epoch.train_top1, 3),
                     decimal(epoch.val_loss, 3), decimal(epoch.val_top1, 3), decimal(epoch.val_top5, 3),
                     epoch.images_per_s, 100 * epoch.data_wait, duration(epoch.seconds), best ? " *" : "");
}

std::string data_text(const Dataset& data) {
  const auto count = [](const ImageSource& images) {
    return grouped(static_cast<std::int64_t>(images.size()));
  };
  return fmt::format(
      "{} training images, {}", count(*data.train),
      data.validation == nullptr
          ? "none for validation (--val or --val-split)"
          : fmt::format("{} for validation ({})", count(*data.validation), printable(data.validation_from)));
}

std::vector<std::string> count_texts(const ImageSource* images, std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (std::size_t i = 0; images != nullptr && i < images->size(); ++i)
    ++counts[static_cast<std::size_t>(images->label(i))];
  std::vector<std::string> texts;
  for (const std::int64_t count : counts) texts.push_back(grouped(count));
  return texts;
}

/// The images of each class; of many classes, of the first and last ones.
std::vector<std::string> class_lines(const Dataset& data) {
  constexpr std::size_t kEnd = 5, kNameColumns = 40;
  const std::size_t n = data.classes.size();
  const std::vector<std::string> train = count_texts(data.train.get(), n),
                                 val = count_texts(data.validation.get(), n);
  std::vector<std::vector<std::string>> rows = {{"class", "training", "validation"}};
  for (std::size_t c = 0; c < n; ++c) {
    if (n > 2 * kEnd + 1 && c == kEnd) {
      rows.push_back({fmt::format("({} more)", n - 2 * kEnd), "", ""});
      c = n - kEnd;
    }
    rows.push_back(
        {shortened(printable(data.classes[c]), kNameColumns), train[c], data.validation ? val[c] : "-"});
  }
  std::vector<std::string> lines;
  std::istringstream text(table(rows));
  for (std::string line; std::getline(text, line);) lines.push_back(std::move(line));
  return lines;
}

/// The flag of the limit that ended a run.
std::string_view limit_flag(const std::string& stopped) {
  return stopped == "max steps"     ? "--max-steps 0"
         : stopped == "max minutes" ? "--max-minutes 0"
         : stopped == "early stop"  ? "--early-stop 0"
                                    : "--enough-top1 0";
}

/// How much a finished run takes on the disk, and what may go.
std::string folder_line(const TrainResult& result) {
  std::string text = "folder   " + bytes_text(static_cast<double>(result.folder_bytes));
  if (result.checkpoint_bytes > 0)
    text += fmt::format(", of which {} are the checkpoint (--keep-checkpoint off removes it at the end)",
                        bytes_text(static_cast<double>(result.checkpoint_bytes)));
  return text + "\n";
}

}  // namespace

TrainView::TrainView(bool json) : json_(json) {
  set_log_sink([this](LogLevel level, std::string_view message) {
    bar_.line(fmt::format("{}{}",
                          level == LogLevel::kWarning ? "warning: "
                          : level == LogLevel::kError ? "error: "
                                                      : "",
                          printable(message)));
  });
}

TrainView::~TrainView() { set_log_sink({}); }

void TrainView::write(const std::string& text) {
  bar_.clear();
  output_.write(text);
}

void TrainView::started(const TrainConfig& config, const Dataset& data, const Summary& network,
                        const std::filesystem::path& run) {
  epochs_ = config.epochs;
  run_ = run;
  bar_.line(fmt::format("network  {}, {} input, {} classes, {} weights", network.name,
                        to_string(network.input), data.classes.size(), grouped(network.weights)));
  bar_.line(fmt::format("data     {}", data_text(data)));
  for (const std::string& line : class_lines(data)) bar_.line(line);
  bar_.line(fmt::format("run      {}", printable(run.string())));
}

void TrainView::stepped(const StepMetrics& step) {
  epoch_ = step.epoch;
  bar_.show(fmt::format("epoch {}/{}", step.epoch, epochs_), step.step_of_epoch, step.steps_per_epoch,
            fmt::format("loss {} top-1 {:.3f} {:.0f}/s {} left {:.0f}% wait", cli::decimal(step.loss, 3),
                        step.top1, step.images_per_s, duration(step.seconds_left), 100 * step.data_wait));
}

void TrainView::preparing(std::int64_t done, std::int64_t total) {
  bar_.show("features", done, total, "views of images");
}

void TrainView::comparing(std::int64_t done, std::int64_t total) {
  bar_.show("comparing", done, total, "validation and training images");
}

void TrainView::validating(std::int64_t done, std::int64_t total) {
  bar_.show(fmt::format("epoch {}/{}", epoch_, epochs_), done, total, "validation");
}

void TrainView::epoch_done(const EpochMetrics& epoch, bool best) {
  if (json_) {
    auto line = nlohmann::ordered_json::parse(to_json(epoch));
    line["best"] = best;
    line["run"] = run_.string();
    write(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return;
  }
  if (!headed_) write(std::string(kHeading));
  headed_ = true;
  write(row(epoch, best));
}

void TrainView::note(const std::string& text) { bar_.line(printable(text)); }

int TrainView::finish(const TrainResult& result) {
  bar_.clear();
  const std::string run = shell_text(result.run);
  if (const bool one = result.left_out == 1; result.left_out > 0)
    bar_.line(fmt::format("{} left out because {} could not be read: {} names {}",
                          one ? "1 image was" : grouped(result.left_out) + " images were",
                          one ? "it" : "they", printable((result.run / "quarantine.jsonl").string()),
                          one ? "it" : "them"));
  if (result.interrupted) {
    bar_.line("saved; resume with: alexnet train --resume " + run);
    return kInterrupted;
  }
  if (!result.stopped.empty()) bar_.line("ended early: " + printable(result.stopped));
  if (json_) {
    output_.finish();
    return kDone;
  }
  const Evaluation& best = result.validation;
  std::string text = "\n";
  if (best.images > 0)
    text += fmt::format("best     top-1 {}, top-5 {}, loss {} on {} images\n", cli::decimal(best.top1, 4),
                        cli::decimal(best.top5, 4), cli::decimal(best.loss, 4), grouped(best.images));
  if (const auto model = trained_model(result.run))
    text += fmt::format("model    {}\n", printable(model->string()));
  if (std::filesystem::exists(result.run / "curves.png"))
    text += best.images > 0 ? "charts   curves.png, confusion.png beside it\n"
                            : "chart    curves.png beside it\n";
  text += folder_line(result);
  if (result.checkpoint_bytes > 0)
    text += fmt::format("further  alexnet train --resume {} {}\n", run,
                        result.stopped.empty() ? fmt::format("--epochs {}", 2 * epochs_)
                                               : std::string(limit_flag(result.stopped)));
  text += fmt::format("next     alexnet classify {} PHOTO.jpg ...\n", run);
  write(text);
  output_.finish();
  return kDone;
}

}  // namespace alexnet::cli
