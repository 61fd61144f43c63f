// SPDX-License-Identifier: Apache-2.0
#include "faults/faults.h"

#include <gtest/gtest.h>

#include <set>

namespace lockproof {
namespace {

TEST(Faults, EveryFaultIsFoundByItsNameAndSaysWhatItDoes) {
  for (const FaultInfo& fault : all_faults()) {
    EXPECT_EQ(find_fault(fault.name), &fault);
    EXPECT_FALSE(fault.sentence.empty()) << fault.name;
  }
}

TEST(Faults, NoNameIsUsedTwiceAndOthersAreUnknown) {
  std::set<std::string_view> names;
  for (const FaultInfo& fault : all_faults()) EXPECT_TRUE(names.insert(fault.name).second);
  EXPECT_EQ(find_fault(""), nullptr);
  EXPECT_EQ(find_fault("KILL"), nullptr);
}

TEST(Faults, StressOffersExactlyThoseThatRealProcessesCanHave) {
  std::set<std::string_view> stress;
  for (const FaultInfo& fault : all_faults()) {
    if (fault.in_stress) stress.insert(fault.name);
  }
  EXPECT_EQ(stress, (std::set<std::string_view>{"kill", "term", "stop", "slow_shutdown",
                                                "fork_child", "exec_child"}));
}

}  // namespace
}  // namespace lockproof
