// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

constexpr Life kWatcher = 9;

// Life 1 owns at event 3; the look is events 4 and 5.
HistoryBuilder lock_seen(std::int64_t value) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).look(kWatcher, Object::kLock, value);
  return run;
}

TEST(NoUnlockedOwner, AnOwnerWithoutALockIsCaught) {
  EXPECT_EQ(broken("no_unlocked_owner", lock_seen(seen::kAbsent).gives_up(1)), (Places{{3, 5}}));
}
TEST(NoUnlockedOwner, ALockOnAFileThatTheNameLostIsCaughtAndSaysSo) {
  const auto findings =
      check(lock_seen(seen::kOrphan).gives_up(1).history(), {"no_unlocked_owner"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].why.find("no longer reaches"), std::string::npos);
}
TEST(NoUnlockedOwner, WhenItWasSeenIsAnEventOrAllBetweenTwo) {
  const auto why = [](const HistoryBuilder& run) {
    return check(run.history(), {"no_unlocked_owner"}).at(0).why;
  };
  EXPECT_NE(why(lock_seen(seen::kAbsent).gives_up(1)).find("alive, but from event 4 to 5 nobody"),
            std::string::npos);
  HistoryBuilder at_once;
  at_once.start(1).claim(1).owns(1);
  at_once.add(kWatcher, Kind::kLook, kHarness, seen::kAbsent, "", Phase::kPoint, Object::kLock)
      .gives_up(1);
  EXPECT_NE(why(at_once).find("alive, but at event 4 nobody"), std::string::npos);
}
TEST(NoUnlockedOwner, AHeldLockIsFine) {
  EXPECT_EQ(broken("no_unlocked_owner", lock_seen(seen::kHeld).gives_up(1)), kNone);
  EXPECT_EQ(broken("no_unlocked_owner", lock_seen(seen::kUnknown).gives_up(1)), kNone);
}
TEST(NoUnlockedOwner, AnOwnerThatDiedByItselfMayHaveLostItByDying) {
  EXPECT_EQ(broken("no_unlocked_owner", lock_seen(seen::kAbsent).ended(1, SIGABRT)), kNone);
}
TEST(NoUnlockedOwner, ALookAcrossTheGivingUpSaysNothing) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).begin(kWatcher, Kind::kLook, Object::kLock).gives_up(1);
  run.end(kWatcher, Kind::kLook, Object::kLock, seen::kAbsent).released(1);
  EXPECT_EQ(broken("no_unlocked_owner", run), kNone);
}

}  // namespace
}  // namespace lockproof::test
