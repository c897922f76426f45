#include "base/processor_name.h"

#include <gtest/gtest.h>

#include "tests/base/machine_files.h"

namespace alexnet {
namespace {

class ProcessorName : public MachineFiles {};

TEST_F(ProcessorName, IsTheModelThatTheSystemNames) {
  put("proc/cpuinfo",
      "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9B14 \n");
  EXPECT_EQ(processor_name(root_), "AMD EPYC 9B14");
}

TEST_F(ProcessorName, IsThatOfTheCoresOnArm) {
  put("proc/cpuinfo",
      "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm\nCPU implementer\t: 0x41\n"
      "CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n");
  EXPECT_EQ(processor_name(root_), "Neoverse-N1");
}

TEST_F(ProcessorName, NamesEachKindOfCoreOnce) {
  const std::string big = "CPU implementer\t: 0x41\nCPU part\t: 0xd0b\n\n",
                    small = "CPU implementer\t: 0x41\nCPU part\t: 0xd05\n\n";
  put("proc/cpuinfo", small + small + big + big);
  EXPECT_EQ(processor_name(root_), "Cortex-A55, Cortex-A76");
}

TEST_F(ProcessorName, IsANumberForAnUnknownCore) {
  put("proc/cpuinfo", "CPU implementer\t: 0x41\nCPU part\t: 0xfff\n");
  EXPECT_EQ(processor_name(root_), "ARM core 0xfff of implementer 0x41");
}

TEST_F(ProcessorName, IsUnknownWhereNothingSaysIt) {
  EXPECT_EQ(processor_name(root_), "unknown processor");
  put("proc/cpuinfo", "\n:\nmodel name\nmodel name\t:\nprocessor");
  EXPECT_EQ(processor_name(root_), "unknown processor");
}

}  // namespace
}  // namespace alexnet
