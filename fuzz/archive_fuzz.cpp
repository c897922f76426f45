// Any bytes, as an archive, give a tree of files that can all be asked for, and class folders or a DataError.
#include "data/sources/part.h"
#include "fuzz.h"

namespace {

void read_folder(const alexnet::FileTree& tree, const std::string& folder) {
  for (const std::string& file : tree.images(folder).paths) alexnet::fuzz::attempt([&] { tree.read(file); });
  for (const std::string& name : tree.content(folder).folders) tree.images(alexnet::inner_path(folder, name));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  fuzz::attempt([&] {
    const auto tree = open_archive(fuzz::bytes_of(data, size));
    read_folder(*tree, "");
    const Parts parts = list_class_folders(tree, "fuzz", {});
    for (const auto& part : {parts.training, parts.testing})
      for (std::size_t i = 0; part && i < part->images->size(); ++i)
        fuzz::attempt([&] { part->images->load(i, 3); });
  });
  return 0;
}
