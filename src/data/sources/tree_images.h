// Labelled images of a tree of files.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/dataset.h"
#include "data/files/file_tree.h"

namespace alexnet {

/// Images are decoded when they are asked for.
class TreeImages final : public ImageSource {
 public:
  explicit TreeImages(std::shared_ptr<const FileTree> tree) : tree_(std::move(tree)) {}

  void add(std::string path, int label) { files_.push_back({std::move(path), label}); }

  std::size_t size() const override { return files_.size(); }
  int label(std::size_t i) const override { return files_.at(i).label; }
  std::string name(std::size_t i) const override { return files_.at(i).path; }
  Image load(std::size_t i, int channels) const override { return load_image(encoded(i), channels); }
  std::size_t encoded_size(std::size_t i) const override { return tree_->size(files_.at(i).path); }
  Bytes encoded(std::size_t i) const override { return tree_->read(files_.at(i).path); }

 private:
  struct Labelled {
    std::string path;
    int label;
  };
  std::shared_ptr<const FileTree> tree_;
  std::vector<Labelled> files_;
};

}  // namespace alexnet
