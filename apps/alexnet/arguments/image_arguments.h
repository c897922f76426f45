// Which images a person means by the arguments of a command.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/image_input.h"
#include "arguments/name_list.h"

namespace alexnet::cli {

/// Files as they are named; of a folder, the images that list_image_files() finds, with a note on what was
/// passed over there; "-": the names on standard input (NameList), one after the other as they arrive.
class ImageArguments {
 public:
  /// Called with an argument, or a name of the list, that gives no images, and why.
  using Refused = std::function<void(const std::string& argument, const std::string& problem)>;
  ImageArguments(std::vector<std::string> arguments, Refused refused);

  /// UsageError that names the flag when results, a file or the files of a folder, would be among the images
  /// the next time, if they are written there. Folders of the list are checked when they arrive.
  void require_outside(const std::string& flag, const std::filesystem::path& results);

  /// The next image file; none at the end. Waits for names on standard input.
  std::optional<std::filesystem::path> next();
  /// Whether next() answers without waiting.
  bool ready();
  /// How many files come next, at most `max`: waits for the first, and counts others as far as they are
  /// there.
  std::size_t peek(std::size_t max);
  /// Whether nothing comes behind what peek() counted.
  bool complete() const { return at_ == arguments_.size(); }
  /// The rest as a feed, which must not outlive this.
  ImageFeed feed();

 private:
  bool can_advance();
  void advance();
  void advance_list();
  void add(const std::string& name);

  struct Place {
    std::string flag;
    std::filesystem::path path;
  };

  const std::vector<std::string> arguments_;
  const Refused refused_;
  std::size_t at_ = 0;  // of the arguments
  std::optional<NameList> list_;
  bool list_is_empty_ = true;
  std::deque<std::filesystem::path> files_;  // found, and not given away
  std::vector<Place> results_;
};

/// All images that one argument names.
struct ImageSet {
  std::vector<std::filesystem::path> files;
  std::string problem;  // why there are none
};
/// UsageError as ImageArguments::require_outside() for results at `results`.
ImageSet image_set(const std::string& argument, const std::string& flag,
                   const std::filesystem::path& results);

}  // namespace alexnet::cli
