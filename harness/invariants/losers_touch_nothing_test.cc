// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 owns at event 4.
HistoryBuilder owned() {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1);
  return run;
}

TEST(LosersTouchNothing, ATruncationBeforeBusyIsCaught) {
  HistoryBuilder run =
      owned().claim(2).change(2, Object::kRecord, Change::kTruncate).busy(2).gives_up(1);
  EXPECT_EQ(broken("losers_touch_nothing", run), (Places{{4, 7, 8}}));
}
TEST(LosersTouchNothing, TheCleanUpAfterBusyIsCaught) {
  HistoryBuilder run =
      owned().claim(2).busy(2).change(2, Object::kLock, Change::kUnlink).gives_up(1);
  EXPECT_EQ(broken("losers_touch_nothing", run), (Places{{4, 6, 8}}));
}
TEST(LosersTouchNothing, AProofOfLifeBeforeBusyCounts) {
  HistoryBuilder run =
      owned().claim(2).change(2, Object::kSide, Change::kWrite).gives_up(1).busy(2);
  EXPECT_EQ(broken("losers_touch_nothing", run), (Places{{4, 7, 9}}));
}
TEST(LosersTouchNothing, WhoIsNotToldBusyIsNoLoser) {
  HistoryBuilder changed = owned().claim(2).change(2, Object::kRecord, Change::kWrite);
  EXPECT_EQ(broken("losers_touch_nothing", HistoryBuilder(changed).failed(2).gives_up(1)), kNone);
  EXPECT_EQ(broken("losers_touch_nothing", HistoryBuilder(changed).owns(2).gives_up(1)), kNone);
  EXPECT_EQ(
      broken("losers_touch_nothing", HistoryBuilder(changed).kill(2).ended(2, SIGKILL).gives_up(1)),
      kNone);
  EXPECT_EQ(broken("losers_touch_nothing", changed.failed(2).loses(2).gives_up(1)), kNone);
}
TEST(LosersTouchNothing, CreatingTheLockFileIsNoChange) {
  HistoryBuilder run =
      owned().claim(2).change(2, Object::kLock, Change::kCreate).busy(2).gives_up(1);
  EXPECT_EQ(broken("losers_touch_nothing", run), kNone);
}
TEST(LosersTouchNothing, ALoserThatOnlyLosesIsFine) {
  EXPECT_EQ(broken("losers_touch_nothing", owned().loses(2, 3).gives_up(1)), kNone);
}
TEST(LosersTouchNothing, AChangeThatMayLieBeforeTheOwnershipSaysNothing) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).claim(2).begin(2, Kind::kChange, Object::kRecord, 1).owns(1);
  run.end(2, Kind::kChange, Object::kRecord, 1).busy(2).gives_up(1);
  EXPECT_EQ(broken("losers_touch_nothing", run), kNone);
}
TEST(LosersTouchNothing, AnOwnerThatDiedByItselfMayHaveBeenDead) {
  HistoryBuilder run = owned().claim(2).change(2, Object::kRecord, Change::kWrite);
  EXPECT_EQ(broken("losers_touch_nothing", HistoryBuilder(run).ended(1, SIGSEGV).busy(2)), kNone);
  EXPECT_EQ(broken("losers_touch_nothing", run.busy(2).ended(1, SIGSEGV)), kNone);
}
TEST(LosersTouchNothing, AKilledOwnersRecordMayBeTouched) {
  HistoryBuilder run = owned().kill(1).claim(2).change(2, Object::kRecord, Change::kWrite).busy(2);
  EXPECT_EQ(broken("losers_touch_nothing", run.ended(1, SIGKILL)), kNone);
}
TEST(LosersTouchNothing, AKillAfterTheChangeProvesThatTheOwnerHadLived) {
  HistoryBuilder run =
      owned().claim(2).change(2, Object::kRecord, Change::kWrite).kill(1).ended(1, SIGKILL);
  EXPECT_EQ(broken("losers_touch_nothing", run.busy(2)), (Places{{4, 7, 10}}));
}

}  // namespace
}  // namespace lockproof::test
