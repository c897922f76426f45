#include "alexnet/image_files.h"

#include <fmt/format.h>

#include <string_view>

#include "data/files/file_tree.h"
#include "text/text.h"

namespace alexnet {

PassedOver& PassedOver::operator+=(const PassedOver& other) {
  no_images += other.no_images;
  unlabelled += other.unlabelled;
  hidden += other.hidden;
  results += other.results;
  dead_links += other.dead_links;
  special += other.special;
  closed += other.closed;
  return *this;
}

std::string to_string(const PassedOver& passed_over) {
  struct Kind {
    std::size_t count;
    std::string_view one, several;
  };
  std::string text;
  for (const Kind& kind :
       {Kind{passed_over.no_images, "file that is no image", "files that are no images"},
        Kind{passed_over.unlabelled, "image beside the class folders", "images beside the class folders"},
        Kind{passed_over.hidden, "hidden file or folder", "hidden files or folders"},
        Kind{passed_over.results, "folder of runs", "folders of runs"},
        Kind{passed_over.dead_links, "link to nothing", "links to nothing"},
        Kind{passed_over.special, "FIFO, socket or device", "FIFOs, sockets or devices"},
        Kind{passed_over.closed, "folder that cannot be listed", "folders that cannot be listed"}})
    if (kind.count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(static_cast<std::int64_t>(kind.count)),
                          kind.count == 1 ? kind.one : kind.several);
  return text;
}

ImageFiles list_image_files(const std::filesystem::path& folder) {
  const FileTree::Images found = open_folder(folder)->images("");
  ImageFiles images{{}, found.passed_over};
  for (const std::string& path : found.paths) images.files.push_back(folder / path);
  return images;
}

}  // namespace alexnet
