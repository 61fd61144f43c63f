// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

constexpr Life kProber = 9;

HistoryBuilder probing() {
  HistoryBuilder run;
  run.start(1).begin(kProber, Kind::kProbe);
  return run;
}

TEST(ProbesChangeNothing, AChangeDuringAProbeIsCaught) {
  HistoryBuilder run =
      probing().change(kProber, Object::kRecord, Change::kUnlink).end(kProber, Kind::kProbe);
  EXPECT_EQ(broken("probes_change_nothing", run), (Places{{2, 4}}));
}
TEST(ProbesChangeNothing, AChangeAfterTheProbeOrByAnotherIsFine) {
  HistoryBuilder after =
      probing().end(kProber, Kind::kProbe).change(kProber, Object::kRecord, Change::kWrite);
  EXPECT_EQ(broken("probes_change_nothing", after), kNone);
  HistoryBuilder other =
      probing().change(1, Object::kRecord, Change::kWrite).end(kProber, Kind::kProbe);
  EXPECT_EQ(broken("probes_change_nothing", other), kNone);
}
TEST(ProbesChangeNothing, AnAttemptThatLosesToAProbeIsCaught) {
  EXPECT_EQ(broken("probes_change_nothing", probing().loses(1)), (Places{{2, 3, 4}}));
  HistoryBuilder within;
  within.start(1).claim(1).begin(kProber, Kind::kProbe).busy(1).end(kProber, Kind::kProbe);
  EXPECT_EQ(broken("probes_change_nothing", within), (Places{{2, 3, 4}}));
}
TEST(ProbesChangeNothing, WithoutAProbeBusyIsNotItsMatter) {
  EXPECT_EQ(broken("probes_change_nothing", probing().end(kProber, Kind::kProbe).loses(1)), kNone);
}
TEST(ProbesChangeNothing, AnotherClaimOrOwnerExplainsBusy) {
  EXPECT_EQ(broken("probes_change_nothing", probing().claim(2).loses(1)), kNone);
  EXPECT_EQ(broken("probes_change_nothing", probing().claim(1).claim(2).busy(1)), kNone);
  EXPECT_EQ(broken("probes_change_nothing", probing().claim(2).owns(2).loses(1)), kNone);
  EXPECT_EQ(broken("probes_change_nothing", probing().claim(2).owns(2).gives_up(2).loses(1)),
            kNone);
}
TEST(ProbesChangeNothing, ACrashExplainsBusyUntilTheNextCleanRelease) {
  HistoryBuilder run = probing().claim(2).owns(2).kill(2).ended(2, SIGKILL).loses(1);
  EXPECT_EQ(broken("probes_change_nothing", run), kNone);
  run.claim(3).owns(3).gives_up(3).released(3).loses(1);
  EXPECT_EQ(broken("probes_change_nothing", run), (Places{{2, 13, 14}}));
}
TEST(ProbesChangeNothing, AnOwnersChildMayHoldTheLock) {
  EXPECT_EQ(broken("probes_change_nothing", probing().start(3, "child").loses(1)), kNone);
}
TEST(ProbesChangeNothing, PreparedFilesMayNameAnOwner) {
  HistoryBuilder run;
  run.change(kHarness, Object::kRecord, Change::kCreate).begin(kProber, Kind::kProbe).loses(1);
  EXPECT_EQ(broken("probes_change_nothing", run), kNone);
}
TEST(ProbesChangeNothing, AStopUnderWayExplainsBusy) {
  EXPECT_EQ(broken("probes_change_nothing", probing().begin(4, Kind::kStop).loses(1)), kNone);
  EXPECT_EQ(broken("probes_change_nothing", probing().claim(1).begin(4, Kind::kStop).busy(1)),
            kNone);
}
TEST(ProbesChangeNothing, AFaultMayExplainBusy) {
  EXPECT_EQ(broken("probes_change_nothing", probing().claim(1).fault(1, 0, "EINTR").busy(1)),
            kNone);
}

}  // namespace
}  // namespace lockproof::test
