#include "train/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <ctime>
#include <set>
#include <system_error>
#include <utility>

#include "alexnet/error.h"
#include "base/file.h"
#include "charts/confusion.h"
#include "charts/curves.h"
#include "fmt/chrono.h"
#include "fmt/format.h"
#include "text/confusion.h"

namespace alexnet {
namespace fs = std::filesystem;
namespace {

/// The new name stands for the same content; what stood there before is replaced at once.
void link_over(const fs::path& from, const fs::path& to) {
  const fs::path temporary = to.string() + ".link";
  std::error_code error;
  fs::remove(temporary, error);
  fs::create_hard_link(from, temporary, error);
  if (error) {  // a file system without links
    write_file(to, read_file(from, std::size_t{1} << 40));
    return;
  }
  fs::rename(temporary, to, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw DataError(to.string(), "cannot be replaced (" + error.message() + ")",
                  "check the folder's permissions");
}

/// What writing leaves behind when the process is killed meanwhile: AtomicFile's "name.tmp<process>", as
/// large as a checkpoint, and the link of link_over().
bool is_leftover(const std::string& name) {
  const std::size_t at = name.rfind(".tmp");
  const bool temporary = at != std::string::npos && at + 4 < name.size() &&
                         name.find_first_not_of("0123456789", at + 4) == std::string::npos;
  return temporary || name.ends_with(".safetensors.link");
}

void remove_leftovers(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file(ignored) && is_leftover(entry.path().filename().string()))
      fs::remove(entry.path(), ignored);
}

}  // namespace

RunFolder::RunFolder(fs::path path) : RunFiles(std::move(path)) {
  const fs::path file = this->path() / ".lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    throw DataError(file.string(), "cannot be written (" + std::generic_category().message(errno) + ")",
                    "check the folder's permissions or choose another with --out");
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(std::exchange(lock_, -1));
  if (reason == EWOULDBLOCK)
    throw UsageError(this->path().string(), "another process is training in this folder",
                     "wait for it, or choose another folder");
  throw DataError(file.string(), "cannot be locked (" + std::generic_category().message(reason) + ")",
                  "choose a folder on a local disk");
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : RunFiles(std::move(other)), lock_(std::exchange(other.lock_, -1)) {}

// The lock file stays: removing it would let two processes hold locks on different files of that name.
RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

fs::path RunFolder::unused_path() {
  const std::string name = fmt::format("{:%Y%m%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
  fs::path path = fs::path("runs") / name;
  for (int i = 2; fs::exists(path); ++i) path = fs::path("runs") / fmt::format("{}-{}", name, i);
  return path;
}

void RunFolder::check_unused(const fs::path& path) {
  const RunFiles files(path);
  for (const fs::path& file : {files.checkpoint(), files.metrics(), files.best(), files.last()})
    if (fs::exists(file))
      throw UsageError(path.string(), "already contains a run",
                       fs::exists(files.config()) ? "resume it: alexnet train --resume " + path.string() +
                                                        ", or choose another --out"
                                                  : std::string("choose another --out"));
}

RunFolder RunFolder::create(const fs::path& path) {
  make_folder(path);
  const fs::path chosen = fs::canonical(path);  // "../runs/1" is long to read
  RunFolder folder(chosen);
  check_unused(chosen);
  if (fs::exists(folder.config())) {  // of a run that learned nothing
    remove_leftovers(chosen);
    std::error_code ignored;
    fs::remove(folder.quarantine(), ignored);
  }
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  if (!fs::is_directory(path) || !fs::exists(RunFiles(path).config()))
    throw DataError(path.string(), "does not contain a run (there is no config.json)",
                    "name the folder of a run");
  RunFolder folder(fs::canonical(path));
  remove_leftovers(folder.path());
  return folder;
}

void RunFolder::save(const Model& model, bool is_best) const {
  save_model(model, last());
  if (is_best) link_over(last(), best());
}

std::uint64_t RunFolder::bytes() const {
  std::uint64_t sum = 0;
  std::set<std::pair<dev_t, ino_t>> seen;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(path(), error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat info {};
    const bool there = ::lstat(entry->path().c_str(), &info) == 0 && S_ISREG(info.st_mode);
    if (there && seen.emplace(info.st_dev, info.st_ino).second)
      sum += static_cast<std::uint64_t>(info.st_size);
  }
  return sum;
}

void RunFolder::draw_curves(const std::vector<EpochMetrics>& epochs) const {
  Series train_loss{"training loss", {}}, val_loss{"validation loss", {}};
  Series train_top1{"training top-1", {}}, val_top1{"validation top-1", {}}, val_top5{"validation top-5", {}};
  for (const EpochMetrics& epoch : epochs) {
    train_loss.values.push_back(epoch.train_loss);
    train_top1.values.push_back(epoch.train_top1);
    val_loss.values.push_back(epoch.val_loss.value_or(NAN));
    val_top1.values.push_back(epoch.val_top1.value_or(NAN));
    val_top5.values.push_back(epoch.val_top5.value_or(NAN));
  }
  const bool validated = !epochs.empty() && epochs.back().val_loss.has_value();
  alexnet::draw_curves(path() / "curves.png",
                       validated ? std::vector{train_loss, val_loss} : std::vector{train_loss},
                       validated ? std::vector{train_top1, val_top1, val_top5} : std::vector{train_top1});
}

void RunFolder::draw_confusion(const std::vector<std::string>& classes,
                               const ConfusionMatrix& confusion) const {
  write_file(path() / "confusion.csv", confusion_csv(classes, confusion.counts));
  alexnet::draw_confusion(path() / "confusion.png", classes, confusion.counts);
}

}  // namespace alexnet
