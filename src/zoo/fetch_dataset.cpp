#include <stdlib.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/error.h"
#include "base/file.h"
#include "zoo/fetch.h"
#include "zoo/unpack.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// A hidden folder, gone with what is in it unless that was moved away.
class Workplace {
 public:
  explicit Workplace(const fs::path& beside) {
    make_folder(beside.parent_path());
    std::string name = (beside.parent_path() / ("." + beside.filename().string() + "-XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
      throw DataError(beside.string(), "cannot be written (" + std::generic_category().message(errno) + ")",
                      "check the permissions and the free space");
    path_ = name;
  }
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void require_new(const fs::path& folder) {
  std::error_code error;
  const bool there = fs::exists(fs::symlink_status(folder, error));
  if (there && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    throw DataError(folder.string(), "is there already", "remove it, or name another folder");
}

}  // namespace

void fetch_dataset(const ZooDataset& data, const fs::path& folder, const FetchOptions& options) {
  const fs::path place = one_spelling(folder);
  require_new(place);
  std::vector<fs::path> files;
  for (const ZooFile& file : data.files) files.push_back(fetch(file, options));

  // Beside its place, so that it appears there at once.
  const Workplace work(place);
  const fs::path made = work.path() / "data";
  make_folder(made);
  for (const fs::path& file : files)
    if (data.folder.empty())
      fs::copy_file(file, made / file.filename());
    else
      unpack(Bytes::map(file), data.folder, data.classes, made, [&](std::uint64_t bytes) {
        if (options.progress) options.progress("unpacking " + data.name, bytes, 0);
      });
  std::error_code error;
  fs::rename(made, place, error);
  if (error)
    throw DataError(folder.string(), "cannot be written (" + error.message() + ")", "name another folder");
}

}  // namespace alexnet
