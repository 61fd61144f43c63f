// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

HistoryBuilder claims() {
  HistoryBuilder run;
  run.start(1).start(2).claim(1);
  return run;
}

TEST(NoLivelock, ARoundInWhichNobodyOwnsIsCaught) {
  EXPECT_EQ(broken("no_livelock", claims().loop(3)), (Places{{3, 4}}));
}
TEST(NoLivelock, AClaimInTheRoundIsEnough) {
  EXPECT_EQ(broken("no_livelock", claims().loop(2)), (Places{{3, 4}}));
  EXPECT_EQ(broken("no_livelock", claims().busy(1).loop(2)), (Places{{3, 5}}));
  EXPECT_EQ(broken("no_livelock", claims().busy(1).loop(3)), kNone) << "it has lost before";
}
TEST(NoLivelock, AnOwnerInTheRoundIsProgress) {
  EXPECT_EQ(broken("no_livelock", claims().owns(1).gives_up(1).claim(2).loop(3)), kNone);
  EXPECT_EQ(broken("no_livelock", claims().owns(1).claim(2).loop(5)), kNone) << "it still owns";
  EXPECT_EQ(broken("no_livelock", claims().owns(1).gives_up(1).claim(2).loop(6)), (Places{{6, 7}}));
}
TEST(NoLivelock, ARoundOfOneAloneIsNotFair) {
  EXPECT_EQ(broken("no_livelock", claims().loop(3, 1)), kNone);
}
TEST(NoLivelock, AtRestWithAClaimIsCaught) {
  EXPECT_EQ(broken("no_livelock", claims().quiet().noisy()), (Places{{3, 5}}));
  EXPECT_EQ(broken("no_livelock", claims().owns(1).quiet().noisy()), kNone);
}

}  // namespace
}  // namespace lockproof::test
