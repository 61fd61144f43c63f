// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 is ready at event 5.
HistoryBuilder ready_beside(std::string other) {
  HistoryBuilder run;
  run.start(1, "instance").start(2, std::move(other)).claim(1).owns(1);
  return run.add(1, Kind::kReady);
}

TEST(ReadySpared, ASignalOfALauncherIsCaught) {
  EXPECT_EQ(broken("ready_spared", ready_beside("launcher").signal(2, 1, SIGTERM)),
            (Places{{5, 6}}));
}
TEST(ReadySpared, AStopThatAUserAskedForIsFine) {
  EXPECT_EQ(broken("ready_spared", ready_beside("stopper").signal(2, 1, SIGTERM)), kNone);
  EXPECT_EQ(broken("ready_spared", ready_beside("remover").signal(2, 1, SIGTERM)), kNone);
}
TEST(ReadySpared, SignalZeroOnlyAsks) {
  EXPECT_EQ(broken("ready_spared", ready_beside("launcher").signal(2, 1, 0)), kNone);
}
TEST(ReadySpared, OneThatIsNotReadyMayBeReplaced) {
  HistoryBuilder run;
  run.start(1, "instance").start(2, "launcher").claim(1).owns(1).signal(2, 1, SIGTERM);
  EXPECT_EQ(broken("ready_spared", run), kNone);
}
TEST(ReadySpared, WhoGivesUpIsUsedNoMore) {
  EXPECT_EQ(broken("ready_spared", ready_beside("launcher").gives_up(1).signal(2, 1, SIGTERM)),
            kNone);
}
TEST(ReadySpared, ItMayEndItself) {
  EXPECT_EQ(broken("ready_spared", ready_beside("launcher").signal(1, 1, SIGTERM)), kNone);
}

}  // namespace
}  // namespace lockproof::test
