// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

const Bounds kHundred = {.recover_ms = 100, .wait_attempts = 3, .parent_ms = 100};

// Life 2 (event 2) depends on life 1, whose end is event 4.
HistoryBuilder orphaned() {
  HistoryBuilder run;
  run.start(1, "launcher").start(2, "dependant", 1).kill(1).ended(1, SIGKILL).tick(1000);
  return run;
}
HistoryBuilder killed(HistoryBuilder run) { return run.kill(2).ended(2, SIGKILL); }

TEST(ParentDeathNoticed, ADependantThatLivesOnIsCaught) {
  EXPECT_EQ(broken("parent_death_noticed", killed(orphaned().tick(1101)), kHundred),
            (Places{{2, 4, 6}}));
}
TEST(ParentDeathNoticed, WithinTheBoundIsFine) {
  EXPECT_EQ(broken("parent_death_noticed", killed(orphaned().tick(1100)), kHundred), kNone);
}
TEST(ParentDeathNoticed, ADependantThatEndedByItselfMayHaveEndedInTime) {
  EXPECT_EQ(broken("parent_death_noticed", orphaned().tick(9999).ended(2, 0), kHundred), kNone);
}
TEST(ParentDeathNoticed, ADependantThatWasSentAKillBeforeMayHaveBeenDead) {
  HistoryBuilder run = orphaned().kill(2).tick(2000).tick(2101).fault(2, SIGTERM);
  EXPECT_EQ(broken("parent_death_noticed", run.ended(2, SIGTERM), kHundred), kNone);
}
TEST(ParentDeathNoticed, OthersMayOutliveTheirParent) {
  HistoryBuilder run;
  run.start(1, "launcher").start(2, "instance", 1).ended(1, 0).tick(0).tick(9999);
  EXPECT_EQ(broken("parent_death_noticed", killed(run), kHundred), kNone);
}
TEST(ParentDeathNoticed, TimeInWhichItIsStoppedDoesNotCount) {
  HistoryBuilder run =
      orphaned().fault(2, SIGSTOP).tick(5000).tick(5999).fault(2, SIGCONT).tick(6000).tick(6100);
  EXPECT_EQ(broken("parent_death_noticed", killed(run), kHundred), kNone);
}
TEST(ParentDeathNoticed, ARoundThatItLivesThroughCanGoOnForEver) {
  const auto since = [](std::int64_t seq, Life target = kHarness) {
    return orphaned().add(2, Kind::kCall).loop(seq, target);
  };
  EXPECT_EQ(broken("parent_death_noticed", since(4), kHundred), (Places{{4, 7}}));
  EXPECT_EQ(broken("parent_death_noticed", since(3), kHundred), kNone) << "not all of it";
  EXPECT_EQ(broken("parent_death_noticed", since(4, 1), kHundred), kNone) << "no fair one";
  HistoryBuilder ended = orphaned().ended(2, 0);
  EXPECT_EQ(broken("parent_death_noticed", ended.loop(4), kHundred), kNone);
}
TEST(ParentDeathNoticed, ADependantThatStartedAfterItsParentsEndIsCaught) {
  HistoryBuilder run;
  run.start(1, "launcher").ended(1, 0).start(2, "dependant", 1).tick(0).tick(101);
  EXPECT_EQ(broken("parent_death_noticed", killed(run), kHundred), (Places{{3, 5}}));
}

}  // namespace
}  // namespace lockproof::test
