// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 is an instance that a user started (event 1).
HistoryBuilder user_instance(std::string other) {
  HistoryBuilder run;
  run.start(1, "user_instance").start(2, std::move(other));
  return run;
}

TEST(UserManagedSpared, ASignalOfALauncherIsCaught) {
  EXPECT_EQ(broken("user_managed_spared", user_instance("launcher").signal(2, 1, SIGTERM)),
            (Places{{1, 3}}));
}
TEST(UserManagedSpared, AStopThatAUserAskedForIsFine) {
  EXPECT_EQ(broken("user_managed_spared", user_instance("stopper").signal(2, 1, SIGTERM)), kNone);
  EXPECT_EQ(broken("user_managed_spared", user_instance("remover").signal(2, 1, SIGKILL)), kNone);
}
TEST(UserManagedSpared, SignalZeroOnlyAsks) {
  EXPECT_EQ(broken("user_managed_spared", user_instance("launcher").signal(2, 1, 0)), kNone);
}
TEST(UserManagedSpared, AnInstanceThatAProgramStartedMayBeReplaced) {
  HistoryBuilder run;
  run.start(1, "instance").start(2, "launcher").signal(2, 1, SIGTERM);
  EXPECT_EQ(broken("user_managed_spared", run), kNone);
}
TEST(UserManagedSpared, ADeathThatNobodyAskedForIsCaught) {
  EXPECT_EQ(broken("user_managed_spared", user_instance("launcher").ended(1, SIGKILL)),
            (Places{{1, 3}}));
}
TEST(UserManagedSpared, ADeathDuringOrAfterAStopMayHaveBeenAskedFor) {
  HistoryBuilder run = user_instance("stopper").begin(2, Kind::kStop);
  EXPECT_EQ(broken("user_managed_spared", HistoryBuilder(run).ended(1, SIGTERM)), kNone);
  EXPECT_EQ(
      broken("user_managed_spared", HistoryBuilder(run).end(2, Kind::kStop).ended(1, SIGTERM)),
      kNone);
  EXPECT_EQ(broken("user_managed_spared", run.ended(2, SIGKILL).ended(1, SIGTERM)), kNone);
}
TEST(UserManagedSpared, AKillByTheHarnessIsFine) {
  EXPECT_EQ(broken("user_managed_spared", user_instance("launcher").kill(1).ended(1, SIGKILL)),
            kNone);
}

}  // namespace
}  // namespace lockproof::test
