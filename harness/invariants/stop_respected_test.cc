// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 stops from event 2.
HistoryBuilder stopping() {
  HistoryBuilder run;
  run.start(1, "stopper").begin(1, Kind::kStop);
  return run;
}
HistoryBuilder auto_start(HistoryBuilder run) {
  return run.begin(2, Kind::kAutoStart).end(2, Kind::kAutoStart, Object::kNone, 1);
}

TEST(StopRespected, AnAutomaticStartDuringAStopIsCaught) {
  EXPECT_EQ(broken("stop_respected", auto_start(stopping()).end(1, Kind::kStop)), (Places{{2, 4}}));
}
TEST(StopRespected, WhoRefrainsStartsNothing) {
  const HistoryBuilder run = stopping().begin(2, Kind::kAutoStart).end(2, Kind::kAutoStart);
  EXPECT_EQ(broken("stop_respected", HistoryBuilder(run).end(1, Kind::kStop)), kNone);
  EXPECT_EQ(broken("stop_respected", auto_start(run).end(1, Kind::kStop)), (Places{{2, 6}}));
}
TEST(StopRespected, AnAutomaticStartAfterTheStopIsFine) {
  EXPECT_EQ(broken("stop_respected", auto_start(stopping().end(1, Kind::kStop))), kNone);
}
TEST(StopRespected, OneThatBeganBeforeTheStopMayHaveDecidedBefore) {
  HistoryBuilder run;
  run.start(1, "stopper").begin(2, Kind::kAutoStart).begin(1, Kind::kStop);
  EXPECT_EQ(
      broken("stop_respected", run.end(2, Kind::kAutoStart, Object::kNone, 1).end(1, Kind::kStop)),
      kNone);
}
TEST(StopRespected, OneThatEndedAfterTheStopMayHaveStartedAfter) {
  HistoryBuilder run = stopping().begin(2, Kind::kAutoStart).end(1, Kind::kStop);
  run.end(2, Kind::kAutoStart, Object::kNone, 1);
  EXPECT_EQ(broken("stop_respected", run), kNone);
}
TEST(StopRespected, AStopEndsWhenItsIntentIsWithdrawn) {
  HistoryBuilder run = stopping().begin(1, Kind::kChange, Object::kIntent, 4);
  EXPECT_EQ(broken("stop_respected", auto_start(run).end(1, Kind::kStop)), kNone);
}
TEST(StopRespected, ADeadStopperStopsNothing) {
  EXPECT_EQ(broken("stop_respected", auto_start(stopping().kill(1)).ended(1, SIGKILL)), kNone);
  EXPECT_EQ(broken("stop_respected", auto_start(stopping()).ended(1, SIGSEGV)), kNone);
}
TEST(StopRespected, AStopperKilledAfterwardsHadLived) {
  EXPECT_EQ(broken("stop_respected", auto_start(stopping()).kill(1).ended(1, SIGKILL)),
            (Places{{2, 4}}));
}

}  // namespace
}  // namespace lockproof::test
