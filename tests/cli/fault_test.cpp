// Damaged models, files that change while they are in use, and machines that refuse.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class Fault : public CliTest {
 protected:
  Fault() {
    write_model(folder_ / "m.safetensors");
    write_class_folders(folder_ / "images", 3);
  }
  /// Writes the model anew, with another header or other tensors.
  void edit_model(const std::function<void(json& header, std::string& tensors)>& edit) const {
    const std::string whole = content(folder_ / "m.safetensors");
    std::uint64_t length = 0;
    std::memcpy(&length, whole.data(), sizeof length);
    json header = json::parse(whole.substr(sizeof length, length));
    std::string tensors = whole.substr(sizeof length + length);
    edit(header, tensors);
    const std::string text = header.dump();
    length = text.size();
    write(folder_ / "m.safetensors",
          std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + tensors);
  }
  /// Replaces all values of a tensor, in a model without a digest.
  void set_values(const std::string& tensor, float value) const {
    edit_model([&](json& header, std::string& tensors) {
      header.at("__metadata__").erase("digest");
      const json& offsets = header.at(tensor).at("data_offsets");
      for (std::size_t at = offsets[0]; at < offsets[1]; at += sizeof value)
        std::memcpy(tensors.data() + at, &value, sizeof value);
    });
  }
  std::vector<Words> commands() const {
    return {
        {"classify", "m.safetensors", "images"},
        {"eval", "m.safetensors", "images"},
        {"explain", "m.safetensors", "images"},
        {"embed", "m.safetensors", "images", "--layer", "fc", "--out", "v.npy"},
        {"similar", "m.safetensors", "images/above/0.png", "images", "--layer", "fc", "--index", "index"}};
  }
};

TEST_F(Fault, AFlippedBitOfAModelIsSeen) {
  edit_model([](json&, std::string& tensors) { tensors[40] = static_cast<char>(tensors[40] ^ 1); });
  for (const Words& command : commands())
    expect_refusal(run(folder_, command), 3,
                   "m.safetensors: is damaged: its tensors do not match its digest");
}

TEST_F(Fault, ModelsWithoutADigestAreTaken) {
  edit_model([](json& header, std::string&) { header.at("__metadata__").erase("digest"); });
  for (const Words& command : commands()) EXPECT_EQ(run(folder_, command).code, 0) << command[0];
}

TEST_F(Fault, WeightsThatNobodyCanComputeWithAreRefused) {
  set_values("fc.weight", 3e38F);
  for (const Words& command : commands())
    expect_refusal(run(folder_, command), 3,
                   "m.safetensors: tensor 'fc.weight' holds values that are too large");
}

TEST_F(Fault, ResultsThatAreNotFiniteAreRefused) {
  set_values("conv.weight", 1e19F);
  set_values("fc.weight", 1e19F);
  for (const Words& command : commands())
    expect_refusal(run(folder_, command), 3, "m.safetensors: gives results that are not finite");
}

TEST_F(Fault, AModelThatIsCutShortWhileItIsInUseIsNamed) {
  const Result result = run_shell(
      folder_,
      "mkfifo names answers; ($ALEXNET classify m.safetensors - --json <names >answers) & exec 3>names "
      "4<answers; echo images/above/0.png >&3; read -r first <&4; : >m.safetensors;"
      "echo images/above/1.png >&3; exec 3>&-; wait $!");
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(line_count(result.err), 1) << result.err;
  EXPECT_EQ(result.err.find("alexnet: m.safetensors: cannot be read any more"), 0U) << result.err;
}

TEST_F(Fault, AFileLargerThanAllowedIsAnError) {
  const Result result =
      run_shell(folder_, "ulimit -f 1; exec $ALEXNET embed m.safetensors images --out v.csv 2>&1 | cat >&2");
  EXPECT_NE(result.err.find("v.csv: cannot be written (File too large)"), std::string::npos) << result.err;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
    EXPECT_FALSE(entry.path().filename().string().starts_with("v.csv")) << entry.path();
  EXPECT_EQ(
      run_shell(folder_, "ulimit -f 1; $ALEXNET embed m.safetensors images --out v.csv 2>/dev/null").code, 3);
}

// Root has no limit of threads, so root runs it as a user who has no other processes.
TEST_F(Fault, ThreadsThatCannotBeStartedAreAnError) {
#ifdef ALEXNET_SANITIZED
  GTEST_SKIP() << "the leak sanitizer starts a thread of its own";
#endif
  fs::permissions(folder_, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  const std::string user =
      ::geteuid() == 0 ? "setpriv --reuid=54321 --regid=54321 --clear-groups " : std::string();
  if (run_shell(folder_, user + "test -x \"$ALEXNET\"").code != 0)
    GTEST_SKIP() << "another user cannot run the program where it lies";
  const Result result = run_shell(folder_, user +
                                               "bash -c 'ulimit -u 1; exec \"$ALEXNET\" eval "
                                               "m.safetensors images --workers 2 --threads 2'");
  EXPECT_EQ(result.code, 4) << result.err;
  EXPECT_NE(result.err.find("alexnet: workers: 2 threads cannot be started"), std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace alexnet
