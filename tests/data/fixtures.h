// Small data sets made on the fly.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "tests/temporary_folder.h"

namespace alexnet::test {

void write(const std::filesystem::path& path, const std::string& bytes);
/// A PNG of one gray value.
std::string png(int width, int height, int gray);
std::string gzip(const std::string& bytes);

/// Writes PNGs of 4x4 pixels, each of its own gray value: paths "class/name.png" below `top`.
void write_images(const std::filesystem::path& top, const std::vector<std::string>& paths);

/// A file, folder (content empty, name ends with '/') or link ("-> target") of an archive.
struct Member {
  std::string path, content;
};
/// `filter`: an ARCHIVE_FILTER_ number; 0 none.
std::string tar(const std::vector<Member>& members, int filter = 0);
/// The same as a .zip, packed or stored.
std::string zip(const std::vector<Member>& members, bool packed = true);
/// Everything below a folder, with paths that start with `prefix`.
std::vector<Member> members_of(const std::filesystem::path& folder, const std::string& prefix);

/// IDX files of `labels.size()` images of 3x2 pixels; pixel p of image i is 10 * i + p.
std::string idx_images(std::size_t count);
std::string idx_labels(const std::vector<int>& labels);

/// Names, labels and pixels of all images.
std::vector<std::pair<std::string, int>> listing(const ImageSource& source);

/// Checks that `action` throws an E that holds these pieces of text, in one line.
template <class E>
void expect_error(const std::function<void()>& action, const std::vector<std::string>& pieces) {
  try {
    action();
    ADD_FAILURE() << "no error; expected one about " << pieces.front();
  } catch (const E& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    for (const std::string& piece : pieces)
      EXPECT_NE(text.find(piece), std::string::npos) << text << "\nlacks " << piece;
  }
}

/// Images from a formula: image i has (i % 3 + 6) x (i % 2 + 7) pixels of value (17 i + 5 x + 3 y + 50 c)
/// % 251. Those in `bad` cannot be read.
class FormulaSource final : public ImageSource {
 public:
  explicit FormulaSource(std::size_t size, std::set<std::size_t> bad = {})
      : size_(size), bad_(std::move(bad)) {}
  std::size_t size() const override { return size_; }
  int label(std::size_t i) const override { return static_cast<int>(i % 7); }
  std::string name(std::size_t i) const override { return "image" + std::to_string(i); }
  Image load(std::size_t i, int channels) const override;

 private:
  std::size_t size_;
  std::set<std::size_t> bad_;
};

}  // namespace alexnet::test
