#include "report/verdict.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <tuple>

#include "fmt/format.h"
#include "text/text.h"

namespace alexnet {
namespace {

using Tone = Remark::Tone;

std::string percent(double fraction) { return fmt::format("{:.1f} %", 100 * fraction); }

/// Between the marks of Unicode that <bdi> stands for: a name in letters that run from right to left leaves
/// the sentence around it as it is.
std::string name(const Findings& findings, int label) {
  return "\u2068" + findings.model.classes[static_cast<std::size_t>(label)] + "\u2069";
}

Remark how_good(const Findings& findings) {
  const auto classes = static_cast<double>(findings.model.classes.size());
  const HeldOut& held_out = findings.held_out;
  if (!findings.validation && held_out.count > 0)
    return {
        Tone::kDoubtful,
        fmt::format("The accuracy of this model is unknown: none of the {} images that the run held out is "
                    "there any more.",
                    grouped(static_cast<std::int64_t>(held_out.count)))};
  if (!findings.validation)
    return {Tone::kDoubtful,
            "The accuracy of this model is unknown: it was trained without validation images. Give some with "
            "--val, or hold a tenth back with --val-split 0.1."};
  const Evaluation& result = findings.validation->evaluation;
  const Interval interval = wilson_interval(hits(result.judgements), result.images);
  std::string text = fmt::format(
      "It recognises {} of {} validation images{}; expect between {} and {} "
      "for others like them. Guessing would get {}.",
      percent(result.top1), grouped(result.images), held_out.recorded ? " it has never seen" : "",
      percent(interval.low), percent(interval.high), percent(1 / classes));
  if (classes > 5)
    text += fmt::format(" Among its first five guesses the answer is {} of the time.", percent(result.top5));
  // Twice as often as guessing; of few classes, nearer to always than to guessing.
  const double much = std::min(2 / classes, (1 + 1 / classes) / 2);
  return {result.top1 > much ? Tone::kGood : Tone::kDoubtful, text};
}

/// Whether the images above are those that the run held out.
void add_held_out(const Findings& findings, std::vector<Remark>& remarks) {
  const HeldOut& held_out = findings.held_out;
  if (!findings.validation) return;
  if (!held_out.recorded) {
    const bool split = findings.config.validation_split > 0;
    remarks.push_back(
        {split ? Tone::kDoubtful : Tone::kPlain,
         std::string("This run does not record which images it held out") +
             (split ? ": the split is drawn anew from the folder as it is now. If images were added, removed "
                      "or renamed since, it was trained on some of these, and the accuracy is lower."
                    : ": the validation images are those that are there now.")});
    return;
  }
  if (const std::size_t gone = held_out.missing + held_out.changed + held_out.unreadable; gone > 0)
    remarks.push_back(
        {Tone::kPlain,
         fmt::format("Of the {} images that the run held out, {} are still there and counted "
                     "(missing: {}, changed: {}{}).",
                     held_out.count, held_out.count - gone, held_out.missing, held_out.changed,
                     held_out.unreadable > 0 ? fmt::format(", not readable: {}", held_out.unreadable) : "")});
  if (held_out.copies > 0)
    remarks.push_back(
        {Tone::kDoubtful,
         fmt::format("{} images that the run held out were exact copies of training images when it started.",
                     grouped(static_cast<std::int64_t>(held_out.copies)))});
}

void add_learning(const Findings& findings, std::vector<Remark>& remarks) {
  constexpr double kLargeGap = 0.15;
  if (!findings.validation || findings.epochs.empty()) return;
  const double validated = findings.validation->evaluation.top1;
  if (findings.training && findings.training->evaluation.top1 - validated > kLargeGap)
    remarks.push_back(
        {Tone::kDoubtful,
         fmt::format("It knows its training images much better ({}): it has learned some by heart. More "
                     "images, stronger augmentation or fewer epochs would help it.",
                     percent(findings.training->evaluation.top1))});
  const std::map<std::string, std::string>& made = findings.model.provenance;
  const auto best = std::ranges::find_if(findings.epochs, [&](const EpochMetrics& epoch) {
    return made.contains("step") && made.at("step") == std::to_string(epoch.step);
  });
  // A run that was resumed after a limit has only the metrics of whole epochs.
  if (best == findings.epochs.end()) {
    remarks.push_back({Tone::kPlain,
                       "It was best inside an epoch, where a limit ended the run; that model "
                       "is shown here."});
    return;
  }
  const bool last = best + 1 == findings.epochs.end();
  if (last && findings.epochs.size() > 2)
    remarks.push_back(
        {Tone::kPlain, fmt::format("The last of {} epochs was the best: more epochs may make it "
                                   "better still.",
                                   findings.epochs.size())});
  else if (!last)
    remarks.push_back({Tone::kPlain, fmt::format("It was best after epoch {} of {}; that model is "
                                                 "shown here.",
                                                 best->epoch, findings.epochs.size())});
}

void add_weakness(const Findings& findings, std::vector<Remark>& remarks) {
  if (!findings.validation) return;
  const ConfusionMatrix& confusion = findings.validation->evaluation.confusion;
  std::int64_t max = 0;
  int truth = 0, predicted = 0;
  for (int t = 0; t < confusion.classes; ++t)
    for (int p = 0; p < confusion.classes; ++p)
      if (t != p && confusion.at(t, p) > max) {
        max = confusion.at(t, p);
        truth = t;
        predicted = p;
      }
  if (max == 0) return;
  const std::vector<ClassScore> scores = class_scores(confusion);
  std::size_t worst = 0;
  for (std::size_t c = 0; c < scores.size(); ++c)
    if (scores[c].images > 0 && (scores[worst].images == 0 || scores[c].recall < scores[worst].recall))
      worst = c;
  remarks.push_back(
      {Tone::kPlain,
       fmt::format(
           "{} is the hardest class: {} of its images are found. The most frequent mistake is to predict {} "
           "for {} ({} of {} images).",
           name(findings, static_cast<int>(worst)), percent(scores[worst].recall), name(findings, predicted),
           name(findings, truth), max, scores[static_cast<std::size_t>(truth)].images)});
}

void add_calibration(const Findings& findings, std::vector<Remark>& remarks) {
  constexpr double kSmall = 0.05;
  if (!findings.validation) return;
  const Evaluation& result = findings.validation->evaluation;
  const Calibration found = calibration(result.judgements);
  if (found.error < kSmall)
    remarks.push_back({Tone::kGood, fmt::format("Its confidence is reliable: it is off by {} on "
                                                "average.",
                                                percent(found.error))});
  else
    remarks.push_back({Tone::kDoubtful,
                       fmt::format("Its confidence should be taken with care: on average it claims {} and is "
                                   "right {} of the time (calibration error {}).",
                                   percent(found.confidence), percent(result.top1), percent(found.error))});
}

void add_data(const Findings& findings, std::vector<Remark>& remarks) {
  if (findings.moved_unchecked)
    remarks.push_back(
        {Tone::kDoubtful,
         "Nothing in the folder of this run tells which images it was trained on (it has neither "
         "held-out images nor a checkpoint), so it is not certain that they are those shown here."});
  for (const std::string& change : findings.data_changes)
    remarks.push_back({Tone::kPlain, fmt::format("Its data has changed since: {}.", change)});
  if (const std::size_t shared = findings.duplicates.size(); shared > 0) {
    const auto all = static_cast<double>(findings.validation->evaluation.images);
    remarks.push_back({static_cast<double>(shared) > 0.01 * all ? Tone::kDoubtful : Tone::kPlain,
                       fmt::format("{} validation images ({}) look like training images, so "
                                   "the true accuracy may be lower.",
                                   shared, percent(static_cast<double>(shared) / all))});
  }
  if (!findings.left_out.empty())
    remarks.push_back({Tone::kDoubtful, fmt::format("{} images could not be read and were left out.",
                                                    findings.left_out.size())});
}

/// Whether two runs were tested on the same images: of the same places, with the same names and truths.
bool same_images(const Findings& a, const Findings& b) {
  if (std::tie(a.config.data, a.config.validation) != std::tie(b.config.data, b.config.validation))
    return false;
  const auto name = [](const Findings& findings, const Judgement& judgement) {
    return findings.validation->images->name(static_cast<std::size_t>(judgement.index));
  };
  return std::ranges::equal(a.validation->evaluation.judgements, b.validation->evaluation.judgements,
                            [&](const Judgement& first, const Judgement& second) {
                              return first.truth == second.truth && name(a, first) == name(b, second);
                            });
}

}  // namespace

std::vector<Remark> verdict(const Findings& findings) {
  std::vector<Remark> remarks = {how_good(findings)};
  add_held_out(findings, remarks);
  add_learning(findings, remarks);
  add_weakness(findings, remarks);
  add_calibration(findings, remarks);
  add_data(findings, remarks);
  return remarks;
}

std::string comparison(const std::vector<Findings>& runs) {
  constexpr double kBeyondChance = 1.96;
  std::vector<const Findings*> ranked;
  for (const Findings& run : runs)
    if (run.validation) ranked.push_back(&run);
  if (ranked.size() < 2) return {};
  std::ranges::stable_sort(ranked, std::greater(),
                           [](const Findings* run) { return run->validation->evaluation.top1; });
  const Findings &best = *ranked[0], &next = *ranked[1];
  const Evaluation &first = best.validation->evaluation, &second = next.validation->evaluation;
  std::string text = fmt::format("{} is the best with {}, {} follows with {}. ", best.run.filename().string(),
                                 percent(first.top1), next.run.filename().string(), percent(second.top1));
  if (!same_images(best, next))
    return text + "They were tested on different images, so the two cannot be compared directly.";
  return text + (better_by(first.judgements, second.judgements) > kBeyondChance
                     ? "On the same images, that is more than chance explains."
                     : "On the same images, chance alone explains a difference as small as that.");
}

}  // namespace alexnet
