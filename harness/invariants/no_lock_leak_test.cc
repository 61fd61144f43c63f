// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

const Bounds kThree = {.recover_ms = 100, .wait_attempts = 3, .parent_ms = 100};

// Life 1 died as an owner; its child, life 2 (event 2), lives; the window begins at event 7.
HistoryBuilder leaked() {
  HistoryBuilder run;
  run.start(1).start(2, "child", 1).claim(1).owns(1).kill(1).ended(1, SIGKILL).quiet(2);
  return run;
}

TEST(NoLockLeak, AttemptsThatNobodyElseExplainsAreCaught) {
  EXPECT_EQ(broken("no_lock_leak", leaked().loses(3, 3).noisy(2), kThree), (Places{{2, 9, 13}}));
}
TEST(NoLockLeak, TooFewAttemptsSayNothing) {
  EXPECT_EQ(broken("no_lock_leak", leaked().loses(3, 2).noisy(2), kThree), kNone);
}
TEST(NoLockLeak, AnAttemptThatBeganBeforeTheWindowDoesNotCount) {
  HistoryBuilder run;
  run.start(1).start(2, "child", 1).claim(1).owns(1).kill(1).ended(1, SIGKILL).claim(3).quiet(2);
  EXPECT_EQ(broken("no_lock_leak", run.busy(3).loses(3, 2).noisy(2), kThree), kNone);
}
TEST(NoLockLeak, WhoGetsInShowsThatTheLockDied) {
  HistoryBuilder run = leaked().claim(3).owns(3).loses(4, 3);
  EXPECT_EQ(broken("no_lock_leak", run.noisy(2), kThree), kNone);
}
TEST(NoLockLeak, AnOwnerThatWasThereBeforeExplainsIt) {
  HistoryBuilder run;
  run.start(1).start(2, "child", 1).claim(3).owns(3).quiet(2).loses(4, 3).noisy(2);
  EXPECT_EQ(broken("no_lock_leak", run, kThree), kNone);
}
TEST(NoLockLeak, AClaimThatIsTheOwnerAlreadyExplainsIt) {
  HistoryBuilder run = leaked().claim(4).loses(3, 3).noisy(2);
  EXPECT_EQ(broken("no_lock_leak", HistoryBuilder(run).owns(4), kThree), kNone);
  EXPECT_EQ(broken("no_lock_leak", HistoryBuilder(run).kill(4).ended(4, SIGKILL), kThree), kNone);
  EXPECT_EQ(broken("no_lock_leak", HistoryBuilder(run), kThree), kNone);
  EXPECT_EQ(broken("no_lock_leak", run.busy(4), kThree), (Places{{2, 10, 14}}));
}
TEST(NoLockLeak, AClaimThatDiedInTheWindowMayHaveOwned) {
  HistoryBuilder run = leaked().claim(4).loses(3, 3).ended(4, SIGSEGV);
  EXPECT_EQ(broken("no_lock_leak", run.noisy(2), kThree), kNone);
}
TEST(NoLockLeak, AFaultOrTheChildsEndSpoilsTheWindow) {
  EXPECT_EQ(broken("no_lock_leak", leaked().loses(3, 3).fault(3, SIGSTOP).noisy(2), kThree), kNone);
  EXPECT_EQ(broken("no_lock_leak", leaked().loses(3, 3).ended(2, 0).noisy(2), kThree), kNone);
}
TEST(NoLockLeak, AttemptsBesideAProbeDoNotCount) {
  HistoryBuilder run = leaked().begin(5, Kind::kProbe).loses(3, 2).end(5, Kind::kProbe).loses(3, 2);
  EXPECT_EQ(broken("no_lock_leak", HistoryBuilder(run).noisy(2), kThree), kNone);
  EXPECT_EQ(broken("no_lock_leak", run.loses(3).noisy(2), kThree), (Places{{2, 15, 19}}));
}
TEST(NoLockLeak, AnExcerptSaysNothing) {
  History history = leaked().loses(3, 3).noisy(2).history();
  history.excerpt = true;
  EXPECT_TRUE(check(history, {"no_lock_leak"}, kThree).empty());
}

}  // namespace
}  // namespace lockproof::test
