// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

HistoryBuilder one(std::string role = "contender") {
  HistoryBuilder run;
  run.start(1, std::move(role));
  return run;
}

TEST(CleanExit, AnErrorIsCaught) {
  EXPECT_EQ(broken("clean_exit", one().ended(1, exit_status(3))), (Places{{1, 2}}));
}
TEST(CleanExit, ADeathBySignalThatNobodySentIsCaught) {
  EXPECT_EQ(broken("clean_exit", one().ended(1, SIGSEGV)), (Places{{1, 2}}));
  EXPECT_EQ(broken("clean_exit", one().fault(1, SIGTERM).ended(1, SIGSEGV)), (Places{{1, 3}}));
}
TEST(CleanExit, ExitZeroAndExpectedEndsAreClean) {
  EXPECT_EQ(broken("clean_exit", one().ended(1, 0)), kNone);
  EXPECT_EQ(broken("clean_exit", one().ended(1, exit_status(1), "expected")), kNone);
}
TEST(CleanExit, AfterATermDeathByItAndItsExitStatusAreClean) {
  for (const std::int64_t status :
       {std::int64_t{SIGTERM}, exit_status(0), exit_status(128 + SIGTERM)}) {
    EXPECT_EQ(broken("clean_exit", one().fault(1, SIGTERM).ended(1, status)), kNone) << status;
  }
  EXPECT_EQ(broken("clean_exit", one().ended(1, exit_status(128 + SIGTERM))), (Places{{1, 2}}));
}
TEST(CleanExit, ASignalOfAnotherProcessExplainsADeath) {
  EXPECT_EQ(broken("clean_exit", one().signal(2, 1, SIGTERM).ended(1, SIGTERM)), kNone);
}
TEST(CleanExit, WhoWasSignalledBeforeItSaidThatItStartsMayDieOfIt) {
  HistoryBuilder run;
  run.fault(1, SIGTERM).start(1, "contender").ended(1, SIGTERM);
  EXPECT_EQ(broken("clean_exit", run), kNone);
  run.start(1, "contender").ended(1, SIGTERM);
  EXPECT_EQ(broken("clean_exit", run), (Places{{4, 5}})) << "another life of the same number";
}
TEST(CleanExit, AKilledProcessIsNotJudged) {
  EXPECT_EQ(broken("clean_exit", one().kill(1).ended(1, exit_status(9))), kNone);
}
TEST(CleanExit, AProcessThatWasGivenAnErrorMayReturnOneButNotCrash) {
  EXPECT_EQ(broken("clean_exit", one().fault(1, 0, "ENOSPC").ended(1, exit_status(1))), kNone);
  EXPECT_EQ(broken("clean_exit", one().fault(1, 0, "ENOSPC").ended(1, SIGABRT)), (Places{{1, 3}}));
}
TEST(CleanExit, BystandersAndLivesOfUnknownRoleAreNotJudged) {
  EXPECT_EQ(broken("clean_exit", one("bystander").ended(1, SIGTERM)), kNone);
  EXPECT_EQ(broken("clean_exit", HistoryBuilder().claim(1).ended(1, exit_status(1))), kNone);
}
TEST(CleanExit, AChildMayBeEndedByItsParentButNotCrash) {
  EXPECT_EQ(broken("clean_exit", one("child").ended(1, SIGTERM)), kNone);
  EXPECT_EQ(broken("clean_exit", one("dependant").ended(1, SIGHUP)), kNone);
  EXPECT_EQ(broken("clean_exit", one("child").ended(1, SIGSEGV)), (Places{{1, 2}}));
}

}  // namespace
}  // namespace lockproof::test
