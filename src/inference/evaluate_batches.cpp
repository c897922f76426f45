#include "inference/evaluate_batches.h"

#include <fmt/format.h>

#include <algorithm>

#include "alexnet/error.h"
#include "engine/loss.h"
#include "inference/session.h"
#include "inference/softmax.h"

namespace alexnet {
namespace {

Judgement judge(std::span<const float> logits, std::int64_t index, int truth) {
  const std::vector<float> probabilities = softmax(logits);
  const auto predicted = std::ranges::max_element(logits) - logits.begin();
  return {.index = index,
          .truth = truth,
          .predicted = static_cast<int>(predicted),
          .confidence = probabilities[static_cast<std::size_t>(predicted)],
          .truth_probability = probabilities[static_cast<std::size_t>(truth)]};
}

}  // namespace

Tally::Tally(int classes) : classes_(static_cast<std::size_t>(classes)) {
  confusion_ = {classes, std::vector<std::int64_t>(classes_ * classes_)};
}

void Tally::add(std::span<const float> logits, std::span<const int> labels,
                std::span<const std::int64_t> indices) {
  for (const int label : labels)
    if (label < 0 || static_cast<std::size_t>(label) >= classes_)
      throw UsageError("labels", fmt::format("{} is not one of the {} outputs", label, classes_));
  const LossResult result = softmax_cross_entropy(logits, labels, {});
  images_ += static_cast<std::int64_t>(labels.size());
  loss_ += result.loss * static_cast<double>(labels.size());
  top1_ += result.top1;
  top5_ += result.top5;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::span<const float> row = logits.subspan(i * classes_, classes_);
    const Judgement judgement = judge(row, indices[i], labels[i]);
    ++confusion_.counts[static_cast<std::size_t>(judgement.truth) * classes_ +
                        static_cast<std::size_t>(judgement.predicted)];
    judgements_.push_back(judgement);
  }
}

Evaluation Tally::result(std::vector<BadImage> unreadable) const {
  const auto n = static_cast<double>(std::max<std::int64_t>(images_, 1));
  Evaluation evaluation;
  evaluation.images = images_;
  evaluation.loss = loss_ / n;
  evaluation.top1 = static_cast<double>(top1_) / n;
  evaluation.top5 = static_cast<double>(top5_) / n;
  evaluation.confusion = confusion_;
  evaluation.judgements = judgements_;
  for (BadImage& bad : unreadable)
    evaluation.unreadable.emplace_back(std::move(bad.name), std::move(bad.reason));
  evaluation.skipped = static_cast<std::int64_t>(evaluation.unreadable.size());
  return evaluation;
}

Evaluation evaluate_batches(CompiledNetwork& network, BatchSource& source, int classes,
                            const std::function<void(std::int64_t, std::int64_t)>& progress) {
  const std::int64_t in_all = source.batches_per_epoch() * network.batch();
  Tally tally(classes);
  source.start(0);
  while (const Batch* batch = source.next()) {
    infer(network, batch->images);
    const std::size_t filled = batch->labels.size() * static_cast<std::size_t>(classes);
    tally.add(network.logits().first(filled), batch->labels, batch->indices);
    if (progress) progress(tally.images(), in_all);
  }
  return tally.result(source.bad_images());
}

}  // namespace alexnet
