// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

const Bounds kThree = {.recover_ms = 100, .wait_attempts = 3, .parent_ms = 100};

// Life 1 was killed while it owned (events 3 and 5).
HistoryBuilder crashed() {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).kill(1).ended(1, SIGKILL).tick(1000);
  return run;
}

TEST(Recovers, NobodyGettingInIsCaught) {
  EXPECT_EQ(broken("recovers", crashed().loses(2, 3).tick(1101), kThree),
            (Places{{3, 5, 8, 12, 13}}));
}
TEST(Recovers, TheFindingIsOneOfLiveness) {
  const auto findings = check(crashed().loses(2, 3).tick(1101).history(), {"recovers"}, kThree);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].finding_class, FindingClass::kLiveness);
}
TEST(Recovers, ACrashWhileClaimingCountsToo) {
  HistoryBuilder run;
  run.start(1).claim(1).ended(1, SIGSEGV).tick(0).loses(2, 3).tick(101);
  EXPECT_EQ(broken("recovers", run, kThree), (Places{{2, 3, 6, 10, 11}}));
}
TEST(Recovers, WithinTheBoundOrWithFewAttemptsNothingIsSaid) {
  EXPECT_EQ(broken("recovers", crashed().loses(2, 3).tick(1100), kThree), kNone);
  EXPECT_EQ(broken("recovers", crashed().loses(2, 2).tick(9999), kThree), kNone);
}
TEST(Recovers, WhoGetsInEndsIt) {
  HistoryBuilder run = crashed().loses(2, 2).claim(2).owns(2).loses(3, 5).tick(9999);
  EXPECT_EQ(broken("recovers", run, kThree), kNone);
}
TEST(Recovers, AProcessThatEndedCleanlyIsNoCrash) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).gives_up(1).released(1).ended(1, 0).tick(0).loses(2, 3).tick(999);
  EXPECT_EQ(broken("recovers", run, kThree), kNone);
}
TEST(Recovers, AnOwnerThatStillLivesKeepsTheOthersOut) {
  HistoryBuilder run;
  run.start(1).start(2).claim(2).owns(2).claim(1).ended(1, SIGKILL).tick(0).loses(3, 3).tick(999);
  EXPECT_EQ(broken("recovers", run, kThree), kNone);
}
TEST(Recovers, AClaimThatMayOwnAlreadyIsWaitedFor) {
  HistoryBuilder run = crashed().claim(4).loses(2, 3).tick(1101);
  EXPECT_EQ(broken("recovers", HistoryBuilder(run), kThree), kNone);
  EXPECT_EQ(broken("recovers", HistoryBuilder(run).owns(4), kThree), kNone);
  EXPECT_EQ(broken("recovers", HistoryBuilder(run).kill(4).ended(4, SIGKILL), kThree), kNone);
  EXPECT_EQ(broken("recovers", run.failed(4), kThree), (Places{{3, 5, 9, 13, 14}}));
}
TEST(Recovers, TimeInWhichSomebodyIsStoppedDoesNotCount) {
  HistoryBuilder run = crashed().start(3).fault(3, SIGSTOP).loses(2, 3).tick(2000);
  EXPECT_EQ(broken("recovers", run, kThree), kNone);
  run.fault(3, SIGCONT).tick(3000).loses(2, 3).tick(3100);
  EXPECT_EQ(broken("recovers", run, kThree), kNone);
  EXPECT_EQ(broken("recovers", run.tick(3101), kThree).size(), 1u);
}
TEST(Recovers, ALaterCrashOpensTheWindowAnew) {
  HistoryBuilder run = crashed().loses(2, 3).claim(4).ended(4, SIGKILL).tick(1101);
  EXPECT_EQ(broken("recovers", run, kThree), kNone);
}

// All others are at rest when life 2 starts. No crash, no clock.
HistoryBuilder alone() {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).ended(1, SIGKILL).quiet(2).start(2).claim(2);
  return run;
}

TEST(Recovers, WhoStartsAloneAndIsToldBusyIsCaught) {
  EXPECT_EQ(broken("recovers", alone().busy(2)), (Places{{5, 7, 8}}));
  EXPECT_EQ(broken("recovers", alone().failed(2)), (Places{{5, 7, 8}}));
}
TEST(Recovers, OrEndsOrStillWaits) {
  EXPECT_EQ(broken("recovers", alone().ended(2, exit_status(1))), (Places{{5, 7, 8}}));
  EXPECT_EQ(broken("recovers", alone().noisy(2)), (Places{{5, 7, 8}}));
}
TEST(Recovers, WhoStartsAloneAndOwnsHasRecovered) {
  HistoryBuilder run = alone().owns(2).gives_up(2).released(2).claim(2).busy(2);
  EXPECT_EQ(broken("recovers", run.ended(2, 0).noisy(2)), kNone);
}
TEST(Recovers, WhatOthersAreToldInTheWindowOfOneSaysNothingOfIt) {
  HistoryBuilder run;
  run.start(3).quiet(2).start(2).claim(2).claim(3).busy(3).ended(3, 0).owns(2).noisy(2);
  EXPECT_EQ(broken("recovers", run), kNone);
}
TEST(Recovers, AChildOfWhoStartsAloneGetsInForIt) {
  HistoryBuilder child = alone();
  child.start(3, "child", 2).start(4, "child", 3).owns(4).ended(2, 0).noisy(2);
  EXPECT_EQ(broken("recovers", child), kNone);
  HistoryBuilder other = alone();
  other.start(3, "child", 1).owns(3).ended(2, 0);
  EXPECT_EQ(broken("recovers", other), (Places{{5, 7, 10}}));
}
TEST(Recovers, WhoHadStartedBeforeTheWindowWasNotAlone) {
  HistoryBuilder run;
  run.start(2).claim(2).quiet(2).busy(2).noisy(2);
  EXPECT_EQ(broken("recovers", run), kNone);
}
TEST(Recovers, WhoNeverTriesIsNotKeptOut) {
  HistoryBuilder run;
  run.quiet(2).start(2).ended(2, 0).noisy(2);
  EXPECT_EQ(broken("recovers", run), kNone);
}
TEST(Recovers, AClaimAtRestThatNobodyStandsInTheWayOfIsCaught) {
  HistoryBuilder run;
  run.start(1).claim(1).quiet().noisy();
  EXPECT_EQ(broken("recovers", run), (Places{{2, 4}}));
}
TEST(Recovers, AnOwnerMayKeepOthersWaitingAtRest) {
  HistoryBuilder run;
  run.start(1).start(2).claim(2).owns(2).claim(1).quiet().noisy();
  EXPECT_EQ(broken("recovers", run), kNone);
}
TEST(Recovers, WhoWasToldBusyDoesNotWait) {
  HistoryBuilder run;
  run.start(1).loses(1).quiet().noisy();
  EXPECT_EQ(broken("recovers", run), kNone);
}

// A start that is there to start who owns: what it says and how it ends says nothing, only whether
// somebody owns in the end.
HistoryBuilder late_start() {
  HistoryBuilder run;
  return run.quiet(1).start(1, "launcher").claim(1);
}
TEST(Recovers, AStartAfterWhichNobodyOwnsIsCaughtAtRest) {
  EXPECT_EQ(broken("recovers", late_start().busy(1).ended(1, 256)), kNone) << "not yet";
  EXPECT_EQ(broken("recovers", late_start().busy(1).noisy(1).ended(1, 256).quiet().noisy()),
            (Places{{1, 8}}));
  EXPECT_EQ(broken("recovers", late_start().noisy(1).ended(1, 0).quiet().noisy()),
            (Places{{1, 7}}));
}
TEST(Recovers, AStartMayHaveEndedBeforeItsDaemonOwns) {
  HistoryBuilder run = late_start().start(2, "child", 1).noisy(1).ended(1, 0).owns(2);
  EXPECT_EQ(broken("recovers", run.quiet().noisy()), kNone);
}
TEST(Recovers, AStartMayFindAnother) {
  HistoryBuilder run;
  run.start(2, "launcher").claim(2).owns(2).quiet(1).start(1, "launcher").claim(1).busy(1);
  EXPECT_EQ(broken("recovers", run.noisy(1).ended(1, 256).quiet().noisy()), kNone);
}

}  // namespace
}  // namespace lockproof::test
