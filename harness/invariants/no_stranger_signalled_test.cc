// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 is a bystander (event 1), life 2 a stopper.
HistoryBuilder bystander() {
  HistoryBuilder run;
  run.start(1, "bystander").start(2, "stopper");
  return run;
}

TEST(NoStrangerSignalled, ASignalToABystanderIsCaught) {
  EXPECT_EQ(broken("no_stranger_signalled", bystander().signal(2, 1, SIGTERM)), (Places{{1, 3}}));
}
TEST(NoStrangerSignalled, SignalZeroOnlyAsks) {
  EXPECT_EQ(broken("no_stranger_signalled", bystander().signal(2, 1, 0)), kNone);
}
TEST(NoStrangerSignalled, OthersMayBeSignalled) {
  EXPECT_EQ(broken("no_stranger_signalled", bystander().signal(1, 2, SIGTERM)), kNone);
}
TEST(NoStrangerSignalled, ASignalThatMayNotHaveBeenSentSaysNothing) {
  HistoryBuilder run =
      bystander().begin(2, Kind::kSignal, Object::kNone, SIGTERM, 1).ended(2, SIGKILL);
  EXPECT_EQ(broken("no_stranger_signalled", run), kNone);
}
TEST(NoStrangerSignalled, ABystanderKilledByNobodyKnownIsCaught) {
  EXPECT_EQ(broken("no_stranger_signalled", bystander().ended(1, SIGTERM)), (Places{{1, 3}}));
}
TEST(NoStrangerSignalled, ABystanderThatTheHarnessEndsIsFine) {
  EXPECT_EQ(broken("no_stranger_signalled", bystander().kill(1).ended(1, SIGKILL)), kNone);
  EXPECT_EQ(broken("no_stranger_signalled", bystander().ended(1, exit_status(0))), kNone);
  EXPECT_EQ(broken("no_stranger_signalled", bystander().ended(1, SIGSEGV)), kNone);
}

}  // namespace
}  // namespace lockproof::test
