// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// A launcher started instance 2 (event 2) in an attempt.
HistoryBuilder launched() {
  HistoryBuilder run;
  run.start(1, "launcher").claim(1);
  // The instance starts within the attempt.
  return run.start(2, "instance", 1);
}
HistoryBuilder at_rest(HistoryBuilder run, std::int64_t record) {
  return run.quiet().look(9, Object::kRecord, record).noisy();
}
HistoryBuilder killed(HistoryBuilder run) { return run.kill(2).ended(2, SIGKILL); }

TEST(NoOrphan, AnInstanceThatTheRecordDoesNotNameIsCaught) {
  for (const std::int64_t record : {pid_of(7), seen::kAbsent, seen::kTorn}) {
    EXPECT_EQ(broken("no_orphan", killed(at_rest(launched().busy(1), record))), (Places{{3, 7, 8}}))
        << record;
  }
}
TEST(NoOrphan, ATrackedInstanceIsFine) {
  EXPECT_EQ(broken("no_orphan", killed(at_rest(launched().busy(1), pid_of(2)))), kNone);
  EXPECT_EQ(broken("no_orphan", killed(at_rest(launched().busy(1), seen::kUnknown))), kNone);
}
TEST(NoOrphan, AnInstanceThatDiedByItselfMayHaveBeenDeadAtTheLook) {
  EXPECT_EQ(broken("no_orphan", at_rest(launched().busy(1), seen::kAbsent).ended(2, 0)), kNone);
}
TEST(NoOrphan, AnInstanceThatGaveUpDrainsByItself) {
  HistoryBuilder run = launched().busy(1).claim(2).owns(2).gives_up(2).released(2);
  EXPECT_EQ(broken("no_orphan", killed(at_rest(run, seen::kAbsent))), kNone);
}
TEST(NoOrphan, LooksThatDisagreeSayNothing) {
  HistoryBuilder run = launched().busy(1).quiet().look(9, Object::kRecord, pid_of(7));
  run.look(9, Object::kRecord, pid_of(2)).noisy();
  EXPECT_EQ(broken("no_orphan", killed(run)), kNone);
}
TEST(NoOrphan, WhatAFailedStartLeavesBehindIsCaught) {
  EXPECT_EQ(broken("no_orphan", killed(launched().failed(1).quiet().noisy())), (Places{{3, 4, 6}}));
}
TEST(NoOrphan, AFailedStartThatReapedItsInstanceIsFine) {
  EXPECT_EQ(broken("no_orphan", killed(launched().failed(1)).quiet().noisy()), kNone);
}
TEST(NoOrphan, WhatAnEarlierAttemptStartedIsNotLeftByThisOne) {
  EXPECT_EQ(broken("no_orphan", killed(launched().busy(1).claim(1).failed(1).quiet().noisy())),
            kNone);
}

}  // namespace
}  // namespace lockproof::test
