// A machine's /proc and /sys, as files in a folder.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace alexnet {

class MachineFiles : public testing::Test {
 protected:
  /// `lines`: what the file holds, without the end of the last line.
  void put(const std::string& name, const std::string& lines) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << lines << '\n';
  }

 private:
  TemporaryFolder own_;

 protected:
  const std::filesystem::path root_ = own_.path();
};

}  // namespace alexnet
