// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Two instances by two launchers; those have ended. At rest from event 7.
HistoryBuilder burst() {
  HistoryBuilder run;
  run.start(1, "launcher").start(2, "launcher").start(3, "instance", 1).start(4, "instance", 2);
  run.ended(1, 0).ended(2, 0);
  return run;
}
HistoryBuilder end_all(HistoryBuilder run) {
  return run.kill(3).kill(4).ended(3, SIGKILL).ended(4, SIGKILL);
}

TEST(OneSurvivor, TwoThatLiveOnAreCaught) {
  EXPECT_EQ(broken("one_survivor", end_all(burst().quiet().noisy())), (Places{{3, 4, 8}}));
}
TEST(OneSurvivor, OneThatLivesOnIsFine) {
  HistoryBuilder run =
      burst().ended(4, 0).quiet().look(9, Object::kRecord, pid_of(3)).noisy().kill(3);
  EXPECT_EQ(broken("one_survivor", run.ended(3, SIGKILL)), kNone);
}
TEST(OneSurvivor, OneThatMayHaveDiedBeforeSaysNothing) {
  EXPECT_EQ(broken("one_survivor", burst().quiet().noisy().ended(4, 0).kill(3).ended(3, SIGKILL)),
            kNone);
}
TEST(OneSurvivor, ALoserThatStaysIsNoSurvivor) {
  EXPECT_EQ(broken("one_survivor", end_all(burst().loses(4).quiet().noisy())), kNone);
}
// A daemon of somebody else: its start forks, and what has forked it need not be there any more.
TEST(OneSurvivor, AChildThatOwnsIsAnInstanceAndSoIsALauncherThatDoes) {
  HistoryBuilder run;
  run.start(1, "launcher").claim(1).start(2, "child", 1).ended(1, 0).owns(2);
  run.start(3, "launcher").claim(3).owns(3).start(4, "child", 3);
  run.quiet().noisy().kill(2).kill(3).ended(2, SIGKILL).ended(3, SIGKILL);
  EXPECT_EQ(broken("one_survivor", run), (Places{{3, 6, 11}}));
}
TEST(OneSurvivor, NoneIsCaught) {
  EXPECT_EQ(broken("one_survivor", burst().ended(3, 0).ended(4, 0).quiet().noisy()),
            (Places{{4, 10}}));
}
TEST(OneSurvivor, NoneIsFineWhenSomethingStoppedThemOrNothingWasStarted) {
  HistoryBuilder stopped =
      burst().begin(9, Kind::kStop).end(9, Kind::kStop).ended(3, 0).ended(4, 0);
  EXPECT_EQ(broken("one_survivor", stopped.quiet().noisy().quiet().noisy()), kNone);
}
TEST(OneSurvivor, NoneIsFineWhenOneWasSignalledButNotWhenOneWasAskedFor) {
  for (const int signal : {0, SIGTERM}) {
    HistoryBuilder run = burst().signal(4, 3, signal).ended(3, 0).ended(4, 0).quiet().noisy();
    EXPECT_EQ(broken("one_survivor", run).empty(), signal != 0);
  }
}
TEST(OneSurvivor, ARecordThatNamesAnotherIsCaught) {
  HistoryBuilder run =
      burst().ended(4, 0).quiet().look(9, Object::kRecord, pid_of(4)).noisy().kill(3);
  EXPECT_EQ(broken("one_survivor", run.ended(3, SIGKILL)), (Places{{3, 10, 11}}));
}
TEST(OneSurvivor, AWindowInWhichSomethingIsUnderWayIsNoRest) {
  EXPECT_EQ(broken("one_survivor", end_all(burst().claim(4).quiet().noisy())), kNone);
  EXPECT_EQ(broken("one_survivor", end_all(burst().quiet().claim(4).noisy())), kNone);
  EXPECT_EQ(broken("one_survivor", end_all(burst().quiet().start(5).noisy())), kNone);
  EXPECT_EQ(broken("one_survivor", end_all(burst().begin(9, Kind::kStop).quiet().noisy())), kNone);
  EXPECT_EQ(broken("one_survivor", end_all(burst().fault(3, SIGSTOP).quiet().noisy())), kNone);
}

}  // namespace
}  // namespace lockproof::test
