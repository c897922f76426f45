#include "train/plan/plan_notes.h"

#include "data/sources/shared_images.h"
#include "fmt/format.h"
#include "text/text.h"
#include "train/plan/plan.h"

namespace alexnet {
namespace {

std::string counted(std::size_t count) { return grouped(static_cast<std::int64_t>(count)); }

std::string shared_note(const Dataset& data) {
  const SharedImages found = find_shared_images(*data.train, *data.validation);
  if (found.shared == 0) return {};
  const std::string of =
      found.looked_at == data.validation->size()
          ? fmt::format("the {} validation images", counted(found.looked_at))
          : fmt::format("{} validation images that were compared", counted(found.looked_at));
  return fmt::format(
      "{} of {} are training images too, byte for byte, such as {} and {}: the validation accuracy says "
      "little "
      "about new images",
      found.shared == found.looked_at ? "all" : counted(found.shared), of, found.validation, found.training);
}

}  // namespace

std::vector<std::string> doubts(const Plan& plan) {
  std::vector<std::string> notes;
  if (!plan.config.freeze.empty() && plan.config.init.empty())
    notes.push_back(fmt::format(
        "--freeze {} without --init: these layers keep random weights, which no training has changed",
        plan.config.freeze));
  if (plan.data.validation)
    if (std::string note = shared_note(plan.data); !note.empty()) notes.push_back(std::move(note));
  return notes;
}

}  // namespace alexnet
