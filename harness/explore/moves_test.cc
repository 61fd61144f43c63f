// SPDX-License-Identifier: Apache-2.0
#include "explore/moves.h"

#include <gtest/gtest.h>

#include <csignal>

#include "core/schedule.h"
#include "faults/faults.h"
#include "program/script.h"
#include "sim/sim_world.h"
#include "world/errnos.h"

namespace lockproof {
namespace {

// Choices as letters: "A", "a.1".
std::string letters(const std::vector<Choice>& choices) {
  const std::string text = encode({"x", 1, choices});
  const std::size_t colon = text.find(':') + 1;
  return text.substr(colon, text.find('~') - colon);
}

class MovesTest : public testing::Test {
 protected:
  void begin(const std::vector<std::vector<std::string>>& scripts) {
    start.texts = &texts;
    for (const auto& lines : scripts) {
      auto program = ScriptProgram::parse(lines, texts);
      ASSERT_TRUE(program.ok()) << program.error().sentence;
      programs.push_back(std::make_unique<ScriptProgram>(std::move(*program)));
      start.cast.push_back(programs.back().get());
    }
    ASSERT_TRUE(moves.reset().ok());
  }
  void budget(std::string_view fault, std::uint8_t count) {
    const auto& all = all_faults();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].name == fault) rules.budget[i] = count;
    }
  }
  Step take(std::uint8_t actor, std::uint16_t alternative = 0) {
    const Choice choice{actor, alternative};
    EXPECT_TRUE(moves.possible(choice)) << letters({choice});
    return moves.apply(choice);
  }
  std::string steps() { return letters(moves.steps()); }
  std::string faults() { return letters(moves.faults()); }

  static constexpr std::uint8_t kKill = 26, kTerm = 27, kStop = 28, kReuse = 33, kReboot = 34,
                                kErrno = 35, kClockStep = 36;

  Texts texts;
  std::vector<std::unique_ptr<Program>> programs;
  Start start;
  Rules rules;
  sim::SimWorld world;
  Moves moves{world, start, rules};
};

TEST_F(MovesTest, LettersAreThePlacesOfTheFaults) {
  EXPECT_EQ(all_faults().size(), kFaultKinds);
  EXPECT_EQ(all_faults()[kKill - kFirstFault].name, "kill");
  EXPECT_EQ(all_faults()[kTerm - kFirstFault].name, "term");
  EXPECT_EQ(all_faults()[kStop - kFirstFault].name, "stop");
  EXPECT_EQ(all_faults()[kReuse - kFirstFault].name, "pid_reuse");
  EXPECT_EQ(all_faults()[kReboot - kFirstFault].name, "reboot");
  EXPECT_EQ(all_faults()[kErrno - kFirstFault].name, "errno");
  EXPECT_EQ(all_faults()[kClockStep - kFirstFault].name, "clock_step");
}

TEST_F(MovesTest, AProcessGoesOnToItsEndAStepAChoice) {
  begin({{"getppid"}, {}});
  EXPECT_EQ(steps(), "AB");
  EXPECT_EQ(take(0).call.op, Op::kGetppid);
  EXPECT_EQ(take(0).call.op, Op::kExit);
  EXPECT_EQ(world.state(0), ProcessState::kZombie) << "what nobody notices passes";
  EXPECT_EQ(take(0).what, Step::What::kDeath);
  EXPECT_EQ(world.state(0), ProcessState::kGone);
  EXPECT_EQ(steps(), "B");
  EXPECT_EQ(faults(), "");
}

TEST_F(MovesTest, WhatAsksOnlyWhoOneIsPassesUnlessOneHasJustSaidThatOneOwns) {
  begin({{"getpid", "getppid", "geteuid", "say owns", "getpid", "getpid"}});
  for (const Op op : {Op::kGetppid, Op::kGetpid, Op::kExit}) EXPECT_EQ(take(0).call.op, op);
}

TEST_F(MovesTest, WhatFreesALockPassesOnlyWithOnesOwnEnd) {
  const std::vector<std::string> holder = {R"(open cwd "f" O_RDWR|O_CREAT 0600)",
                                           "flock 3 LOCK_EX"};
  begin({holder, {"kill 1001 15"}});
  take(0);
  take(0);
  take(1);
  EXPECT_EQ(world.state(0), ProcessState::kDying) << "the lock is still held";
  EXPECT_EQ(take(0).what, Step::What::kDeath);
  EXPECT_EQ(world.state(0), ProcessState::kZombie);
  ASSERT_TRUE(moves.reset().ok());
  for (int i = 0; i < 3; ++i) take(0);
  EXPECT_EQ(world.state(0), ProcessState::kZombie) << "it ended by itself";
}

TEST_F(MovesTest, AFaultOfNobodyIsNoStepOfADeath) {
  budget("clock_step", 1);
  begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX"}, {"kill 1001 15"}});
  take(0);
  take(0);
  take(1);
  take(kClockStep);
  EXPECT_EQ(world.state(0), ProcessState::kDying);
}

TEST_F(MovesTest, AChildThatLivesSeesHowFarItsParentIsInDying) {
  begin({{"fork"}});
  take(0);
  take(0);
  EXPECT_EQ(world.state(0), ProcessState::kReleased) << "its files are closed";
  take(0);
  EXPECT_EQ(world.state(0), ProcessState::kZombie);
  take(0);
  EXPECT_EQ(steps(), "B");
}

TEST_F(MovesTest, AKillCostsOneOfTheBudgetAndNeedsAVictimThatHasBegun) {
  budget("kill", 1);
  begin({{"getppid"}, {"getppid"}});
  EXPECT_EQ(faults(), "");
  take(1);
  EXPECT_EQ(faults(), "a.1");
  take(kKill, 1);
  EXPECT_EQ(world.state(1), ProcessState::kZombie);
  take(0);
  EXPECT_EQ(faults(), "") << "the budget is used up";
}

TEST_F(MovesTest, AChildIsAVictimWhereTheRulesSayIt) {
  budget("kill", 1);
  start.strangers = {1099};
  begin({{"fork"}});
  take(0);
  EXPECT_EQ(faults(), "a");
  rules.strikes_children = true;
  EXPECT_EQ(faults(), "aa.2") << "and the stranger is none";
  take(kKill, 2);
  EXPECT_GE(world.state(2), ProcessState::kDying);
}

TEST_F(MovesTest, WhoWasStoppedCanGoOnForNothing) {
  budget("stop", 1);
  begin({{"getppid"}});
  take(0);
  EXPECT_EQ(faults(), "c");
  take(kStop, 0);
  EXPECT_EQ(steps(), "");
  EXPECT_EQ(faults(), "c.64");
  take(kStop, kGoOn);
  EXPECT_EQ(steps(), "A");
  EXPECT_EQ(faults(), "");
}

TEST_F(MovesTest, ALateOneBeginsWhenAllWhoHaveBegunAreGoneOrBlocked) {
  rules.late = {false, true, false};
  begin({{}, {"fork"}, {"waitpid -1 0", "poll -1 -1 -1 -1"}});
  EXPECT_EQ(steps(), "BAC") << "nobody has begun: it may find nothing";
  take(0);
  EXPECT_EQ(steps(), "AC") << "a zombie can still be reaped";
  take(0);
  EXPECT_EQ(steps(), "BC");
  take(2);
  EXPECT_EQ(world.pending(2).op, Op::kPoll) << "there is no child";
  EXPECT_EQ(steps(), "B");
  take(1);
  EXPECT_EQ(steps(), "BD") << "it has begun: now it is one of them";
}

TEST_F(MovesTest, OnceALateOneHasBegunNobodyElseBeginsAndThereAreNoFaults) {
  rules.late = {false, true, false};
  budget("kill", 1);
  budget("reboot", 1);
  begin({{"getppid", "poll -1 -1 -1 -1"}, {"getppid"}, {}});
  take(0);
  EXPECT_EQ(steps(), "BC");
  EXPECT_EQ(faults(), "ai");
  take(1);
  EXPECT_EQ(steps(), "B");
  EXPECT_EQ(faults(), "");
}

TEST_F(MovesTest, NoLateOneBeginsWhileSomebodyIsStopped) {
  rules.late = {false, true};
  budget("stop", 1);
  begin({{"getppid"}, {}});
  take(0);
  take(kStop, 0);
  EXPECT_EQ(steps(), "");
  take(kStop, kGoOn);
  take(0);
  take(0);
  EXPECT_EQ(steps(), "B");
}

TEST_F(MovesTest, WhoDiesBeforeItBeganDiesBeforeALateOneBegins) {
  rules.late = {false, false, true};
  begin({{"kill 1002 15", "poll -1 -1 -1 -1"}, {}, {}});
  take(0);
  EXPECT_EQ(steps(), "B");
  take(1);
  EXPECT_EQ(steps(), "C");
}

TEST_F(MovesTest, AnyTimeMakesATimedWaitOneChoice) {
  begin({{"sleep 5000000000", "clock_gettime CLOCK_MONOTONIC"}, {"sleep 1000000000"}});
  EXPECT_EQ(take(0).answer.result, 0);
  EXPECT_EQ(take(0).answer.value, 5'000'000'000) << "whoever sleeps shorter has not returned";
  take(1);
  EXPECT_EQ(moves.state().now_ns, 6'000'000'000);
}

TEST_F(MovesTest, OrderedTimeIsAnActorThatWaitsForThoseWhoReturn) {
  rules.time = TimeMode::kOrdered;
  begin({{"sleep 5000000000"}, {"sleep 1000000000"}});
  EXPECT_EQ(steps(), "AB");
  take(0);
  take(1);
  EXPECT_EQ(steps(), "z");
  EXPECT_EQ(take(kClockActor).process, 1);
  EXPECT_EQ(steps(), "B") << "the clock waits for it";
  take(1);
  EXPECT_EQ(steps(), "Bz");
  take(kClockActor);
  EXPECT_EQ(steps(), "AB");
}

TEST_F(MovesTest, AnErrorIsOfferedForWhatCouldGoOn) {
  budget("errno", 1);
  begin({{R"(open cwd "f" O_RDONLY 0)"}, {"getpid"}});
  EXPECT_EQ(faults(), "jj.1j.2j.3");
  const Step step = take(kErrno, 1);
  EXPECT_EQ(step.answer.result, -errnos_of(Op::kOpenat)[1]);
  EXPECT_EQ(describe(step), "errno ENOSPC A");
  EXPECT_EQ(world.pending(0).op, Op::kExit);
}

// It lost its lock when it began to wait for the other kind; whoever waits for one that is held
// cannot fail.
TEST_F(MovesTest, WhatWaitsMayFailWhenItCouldGoOn) {
  budget("errno", 1);
  const std::string open = R"(open cwd "f" O_RDWR|O_CREAT 0600)";
  begin({{open, "flock 3 LOCK_SH", "flock 3 LOCK_EX"}, {open, "flock 3 LOCK_SH", "close 3"}});
  for (const std::uint8_t place : {0, 1, 0, 1, 0}) take(place);
  ASSERT_EQ(world.state(0), ProcessState::kWaiting);
  EXPECT_EQ(faults(), "") << "B has the lock, and close has no errors";
  take(1);
  EXPECT_EQ(faults(), "jj.1");
  take(kErrno, 0);
  EXPECT_EQ(world.pending(0).op, Op::kExit);
}

TEST_F(MovesTest, WhoOwnsAfterAnErrorIsKnownToOwn) {
  budget("errno", 1);
  budget("exec_child", 1);
  begin({{R"(open cwd "f" O_RDONLY 0)", "say owns", "hold"}});
  take(kErrno, 0);
  EXPECT_EQ(faults(), "g");
}

TEST_F(MovesTest, AfterARebootNobodyHasThePidOfAStranger) {
  budget("reboot", 1);
  budget("pid_reuse", 1);
  start.strangers = {1251};
  begin({{"getppid"}, {"getppid"}});
  EXPECT_EQ(faults(), "");
  take(0);
  take(kReboot);
  EXPECT_EQ(world.state(2), ProcessState::kGone);
  EXPECT_EQ(faults(), "");
}

TEST_F(MovesTest, ASetupGoesOnUntilItOwnsOrHasEnded) {
  start.setup = 2;
  begin({{"getppid", "exit 1"}, {"getppid", "say owns", "hold"}, {"getppid"}});
  std::vector<Choice> taken;
  for (;;) {
    const auto next = moves.setup_step();
    ASSERT_TRUE(next.ok());
    if (!*next) break;
    taken.push_back(**next);
    moves.apply(**next);
  }
  EXPECT_EQ(letters(taken), "AAAB");
  EXPECT_EQ(steps(), "BC");
}

TEST_F(MovesTest, WhileASetupWaitsItsChildrenAndTheClockGoOn) {
  start.setup = 1;
  rules.time = TimeMode::kOrdered;
  begin({{"fork", "sleep 5000000", "waitpid -1 0", "say owns", "hold"}});
  std::vector<Choice> taken;
  for (auto next = moves.setup_step(); next.ok() && *next; next = moves.setup_step()) {
    taken.push_back(**next);
    moves.apply(**next);
  }
  EXPECT_EQ(letters(taken), "AABzABBBBBA");
}

TEST_F(MovesTest, ASetupThatWaitsForEverIsAnError) {
  start.setup = 1;
  begin({{"poll -1 -1 -1 -1"}, {"getppid"}});
  const auto next = moves.setup_step();
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().sentence, "setup: process A neither owns nor ends, but waits");
}

TEST_F(MovesTest, AStrangerGetsThePidOfTheDead) {
  budget("pid_reuse", 2);
  begin({{}});
  EXPECT_EQ(faults(), "");
  take(0);
  EXPECT_EQ(faults(), "") << "a zombie keeps its pid";
  take(0);
  EXPECT_EQ(faults(), "h");
  take(kReuse, 0);
  EXPECT_EQ(world.pid(1), world.pid(0));
  EXPECT_EQ(faults(), "") << "the pid is used again, and the stranger is not of the cast";
}

TEST_F(MovesTest, AfterARebootPidsOfTheDeadMeanNothing) {
  budget("reboot", 1);
  budget("pid_reuse", 1);
  begin({{"getpid"}, {"getpid"}, {"getpid"}});
  EXPECT_EQ(faults(), "") << "nothing has happened";
  take(0);
  EXPECT_EQ(faults(), "i");
  take(1);
  take(kReboot);
  EXPECT_EQ(world.state(0), ProcessState::kGone);
  EXPECT_EQ(faults(), "") << "nobody had the pid of B in this boot";
  EXPECT_EQ(steps(), "C");
}

TEST_F(MovesTest, TheWallClockIsSet) {
  budget("clock_step", 1);
  rules.clock_step_ns = -7;
  begin({{"clock_gettime CLOCK_REALTIME", "clock_gettime CLOCK_REALTIME"}});
  const std::int64_t before = take(0).answer.value;
  take(kClockStep);
  EXPECT_EQ(take(0).answer.value, before - 7);
}

TEST_F(MovesTest, ARefusalSaysWhoAskedWhat) {
  begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 32"}});
  take(0);
  EXPECT_EQ(take(0).answer.outcome, Outcome::kRefused);
  EXPECT_EQ(moves.refusal(), "process 0, 'flock 3 32': a lock operation that is not modelled");
}

}  // namespace
}  // namespace lockproof
