// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Events 1 to 6: life 1 owns at 4, life 2 at 6.
HistoryBuilder two_owners() {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).claim(2).owns(2);
  return run;
}

TEST(OneOwner, TwoOwnersAreCaughtWhenTheFirstGivesUpLater) {
  EXPECT_EQ(broken("one_owner", two_owners().gives_up(1)), (Places{{4, 6}}));
}

TEST(OneOwner, TheFindingNamesBothLivesAndThePromise) {
  const auto findings = check(two_owners().gives_up(1).history(), {"one_owner"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].invariant, "one_owner");
  EXPECT_EQ(findings[0].sentence, "at no time two owners");
  EXPECT_EQ(findings[0].finding_class, FindingClass::kSafety);
  EXPECT_EQ(findings[0].why,
            "life 2 (pid 42) was told that it owns while life 1 (pid 41) had owned since event 4 "
            "and was alive");
}

TEST(OneOwner, OneAfterTheOtherIsFine) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).claim(2).owns(1).gives_up(1).owns(2).released(1).gives_up(2);
  EXPECT_EQ(broken("one_owner", run), kNone);
}

TEST(OneOwner, AKillSentAfterwardsProvesThatItLived) {
  EXPECT_EQ(broken("one_owner", two_owners().kill(1).ended(1, SIGKILL)), (Places{{4, 6}}));
}

TEST(OneOwner, AnOwnerKilledBeforeSaysNothing) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).kill(1).claim(2).owns(2).ended(1, SIGKILL).gives_up(2);
  EXPECT_EQ(broken("one_owner", run), kNone);
}

TEST(OneOwner, AnOwnerKilledBeforeAndAgainAfterSaysNothing) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).kill(1).claim(2).owns(2).kill(1).ended(1, SIGKILL);
  EXPECT_EQ(broken("one_owner", run), kNone);
}

TEST(OneOwner, AnOwnerThatDiedByItselfDiedAtAnUnknownTime) {
  EXPECT_EQ(broken("one_owner", two_owners().ended(1, exit_status(0))), kNone);
  EXPECT_EQ(broken("one_owner", two_owners().ended(1, SIGSEGV)), kNone);
}

TEST(OneOwner, AKillAfterwardsOfALifeThatHadExitedIsNoProof) {
  EXPECT_EQ(broken("one_owner", two_owners().kill(1).ended(1, exit_status(0))), kNone);
}

TEST(OneOwner, ATerminatedOwnerMayHaveDiedAtOnce) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).fault(1, SIGTERM, "term").claim(2).owns(2);
  HistoryBuilder again = run;
  EXPECT_EQ(broken("one_owner", run.ended(1, SIGTERM)), kNone);
  EXPECT_EQ(broken("one_owner", again.fault(1, SIGTERM, "term").ended(1, SIGTERM)), kNone);
}

TEST(OneOwner, ATerminatedOwnerThatSpeaksLaterHadNotDied) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).fault(1, SIGTERM, "term").claim(2).owns(2).gives_up(1);
  EXPECT_EQ(broken("one_owner", run), (Places{{4, 7}}));
}

TEST(OneOwner, AStoppedOwnerStillOwns) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).fault(1, SIGSTOP, "stop").claim(2).owns(2);
  run.fault(1, SIGCONT, "go on").gives_up(1);
  EXPECT_EQ(broken("one_owner", run), (Places{{4, 7}}));
}

TEST(OneOwner, WithoutASignOfLifeNothingIsSaid) {
  EXPECT_EQ(broken("one_owner", two_owners()), kNone);
}

TEST(OneOwner, SayingItTwiceIsNoSecondOwner) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).owns(1).gives_up(1);
  EXPECT_EQ(broken("one_owner", run), kNone);
}

TEST(OneOwner, OfThreeOwnersTheCertainPairIsNamed) {
  HistoryBuilder run = two_owners().start(3).claim(3).owns(3).ended(1, exit_status(0)).gives_up(2);
  EXPECT_EQ(broken("one_owner", run), (Places{{6, 9}}));
}

TEST(OneOwner, TheEarliestPairIsKeptBecauseItIsTheEasiestToProve) {
  HistoryBuilder run = two_owners().gives_up(2).claim(2).kill(1).owns(2).ended(1, SIGKILL);
  EXPECT_EQ(broken("one_owner", run), (Places{{4, 6}}));
}

TEST(OneOwner, AnExcerptIsJudgedToo) {
  History history = two_owners().gives_up(1).history();
  history.events.erase(history.events.begin());
  history.excerpt = true;
  const auto findings = check(history, {"one_owner"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].why.find("pid 41"), std::string::npos);
}

TEST(OneOwner, TheFirstFindingsAreKept) {
  HistoryBuilder run;
  run.start(1).start(2);
  for (int i = 0; i < 100; ++i) run.claim(1).owns(1).claim(2).owns(2).gives_up(1).gives_up(2);
  const Places places = broken("one_owner", run);
  ASSERT_EQ(places.size(), Invariant::kFindings);
  EXPECT_EQ(places[0], (std::vector<std::uint64_t>{4, 6}));
}

}  // namespace
}  // namespace lockproof::test
