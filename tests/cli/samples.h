// A folder of its own for each test, and tiny data: images that are bright above or below, and a model that
// tells them apart.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace alexnet {

class CliTest : public testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  /// An IDX pair of 8x8 images, bright above (label 0) and below (label 1) in turn.
  void write_idx(const std::filesystem::path& folder, const std::string& name, int count) const;
  /// A gray PNG, bright above or below.
  void write_png(const std::filesystem::path& file, bool above) const;
  /// A red PNG.
  void write_colour_png(const std::filesystem::path& file) const;
  /// images/above/*.png and images/below/*.png, `count` in each.
  void write_class_folders(const std::filesystem::path& folder, int count) const;
  /// A network of one 1x1 convolution and one dense layer, with weights that know the answer.
  void write_model(const std::filesystem::path& file) const;

  std::filesystem::path folder_;
};

/// Exit code, one line on stderr that names `what`, and nothing on stdout.
void expect_refusal(const struct Result& result, int code, const std::string& what);

}  // namespace alexnet
