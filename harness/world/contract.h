// SPDX-License-Identifier: Apache-2.0
// The contract of world.h as tests that every world passes. A world's own test file says how to
// make one, and that is all:
//   template <> struct lockproof::Maker<LiveWorld> { static std::unique_ptr<World> make(); };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Live, WorldContract, LiveWorld);
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "world/world.h"

namespace lockproof {

template <class T>
struct Maker;

template <class T>
class WorldContract : public ::testing::Test {
 protected:
  void begin(std::vector<Script> scripts, std::vector<StartFile> files = {}) {
    const auto begun = world->reset({std::move(scripts), std::move(files)});
    ASSERT_TRUE(begun.ok()) << begun.error().sentence;
  }
  std::string pending(unsigned process) { return format(world->pending(process), world->texts()); }
  // The answer as text; "disabled" when it cannot go on.
  std::string go(unsigned process) {
    if (!world->enabled(process)) return "disabled";
    return format(world->perform(process), world->texts());
  }
  void finish_death(unsigned process) {
    while (world->can_step_death(process)) world->step_death(process);
  }

  std::unique_ptr<World> world = Maker<T>::make();
};

TYPED_TEST_SUITE_P(WorldContract);

TYPED_TEST_P(WorldContract, BeginsBeforeTheFirstCalls) {
  this->begin({{"getppid"}, {R"(open cwd "f" O_RDONLY 0)"}}, {{"f", "old"}});
  EXPECT_EQ(this->world->processes(), 2u);
  EXPECT_EQ(this->world->state(0), ProcessState::kReady);
  EXPECT_EQ(this->pending(0), "getppid");
  EXPECT_EQ(this->pending(1), R"(open cwd "f" O_RDONLY 0)");
  EXPECT_NE(this->world->pid(0), this->world->pid(1));
}

TYPED_TEST_P(WorldContract, AResetForgetsEverything) {
  const Script script = {R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)"};
  this->begin({script});
  EXPECT_EQ(this->go(0), "3");
  this->begin({script});
  EXPECT_EQ(this->world->processes(), 1u);
  EXPECT_EQ(this->go(0), "3") << "not EEXIST";
}

TYPED_TEST_P(WorldContract, AStartThatCannotBeHadIsAnError) {
  EXPECT_FALSE(this->world->reset({{{"steal the lock"}}, {}}).ok());
}

TYPED_TEST_P(WorldContract, OneStepIsOneCallOfOneProcess) {
  this->begin({{R"(write 3 "x")", "getpid"}, {R"(stat cwd "f" 0)"}});
  EXPECT_EQ(this->go(0), "EBADF");
  EXPECT_EQ(this->pending(0), "getpid");
  EXPECT_EQ(this->pending(1), R"(stat cwd "f" 0)");
  EXPECT_EQ(this->go(1), "ENOENT");
}

TYPED_TEST_P(WorldContract, AHeldLockDisablesWhoWaitsForIt) {
  const Script script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX", "close 3"};
  this->begin({script, script});
  this->go(0);
  this->go(1);
  EXPECT_EQ(this->go(0), "0");
  EXPECT_FALSE(this->world->enabled(1));
  EXPECT_EQ(this->go(0), "0") << "close";
  EXPECT_TRUE(this->world->enabled(1));
  EXPECT_EQ(this->go(1), "0");
}

TYPED_TEST_P(WorldContract, ACallThatWaitsAfterAnEffectStaysPending) {
  const Script script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_SH",
                         "flock 3 LOCK_EX"};
  this->begin({script, script});
  for (const unsigned process : {0u, 1u, 0u, 1u}) this->go(process);
  EXPECT_EQ(this->go(0), "waits");
  EXPECT_EQ(this->world->state(0), ProcessState::kWaiting);
  EXPECT_EQ(this->pending(0), "flock 3 LOCK_EX");
  EXPECT_FALSE(this->world->enabled(0));
  EXPECT_EQ(this->go(1), "0");
}

TYPED_TEST_P(WorldContract, AForkedChildIsTheNextProcess) {
  this->begin({{"fork", "getppid"}});
  const Answer forked = this->world->perform(0);
  ASSERT_EQ(this->world->processes(), 2u);
  EXPECT_EQ(forked.result, this->world->pid(1));
  EXPECT_EQ(this->pending(1), "getppid");
  EXPECT_EQ(this->world->perform(1).result, this->world->pid(0));
}

TYPED_TEST_P(WorldContract, DeathTakesStepsAndLocksEndInThem) {
  const Script script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX", "getpid"};
  this->begin({script, script});
  for (const unsigned process : {0u, 0u, 1u}) this->go(process);
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 0, SIGKILL));
  EXPECT_EQ(this->world->state(0), ProcessState::kDying);
  EXPECT_FALSE(this->world->enabled(0));
  EXPECT_FALSE(this->world->enabled(1)) << "the lock is still held";
  this->world->step_death(0);
  EXPECT_TRUE(this->world->enabled(1));
  this->finish_death(0);
  EXPECT_EQ(this->world->state(0), ProcessState::kGone);
}

TYPED_TEST_P(WorldContract, AChildIsAZombieUntilItsParentWaits) {
  this->begin({{"fork", "waitpid -1 0"}});
  this->go(0);
  EXPECT_FALSE(this->world->enabled(0));
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 1, SIGTERM));
  this->finish_death(1);
  EXPECT_EQ(this->world->state(1), ProcessState::kZombie);
  const Answer waited = this->world->perform(0);
  EXPECT_EQ(waited.result, this->world->pid(1));
  EXPECT_EQ(waited.value, SIGTERM);
  EXPECT_EQ(this->world->state(1), ProcessState::kGone);
}

TYPED_TEST_P(WorldContract, TheEndOfAScriptIsAnExit) {
  this->begin({{}});
  EXPECT_EQ(this->pending(0), "exit 0");
  this->world->perform(0);
  EXPECT_EQ(this->world->state(0), ProcessState::kDying);
}

TYPED_TEST_P(WorldContract, AStoppedProcessIsNotEnabled) {
  this->begin({{"getpid"}});
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 0, SIGSTOP));
  EXPECT_EQ(this->world->state(0), ProcessState::kStopped);
  EXPECT_FALSE(this->world->enabled(0));
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 0, SIGCONT));
  EXPECT_TRUE(this->world->enabled(0));
}

TYPED_TEST_P(WorldContract, ASleepEndsByAFaultOfTime) {
  this->begin({{"sleep 3600000000000"}});
  if (this->world->enabled(0)) {
    EXPECT_EQ(this->go(0), "waits");
  }
  EXPECT_FALSE(this->world->enabled(0));
  ASSERT_TRUE(this->world->inject(Fault::kTime, 0, 0));
  EXPECT_EQ(this->go(0), "0");
}

TYPED_TEST_P(WorldContract, ASnapshotIsGivenBackAsOftenAsAsked) {
  if (!this->world->can_restore()) return;  // by rule 10
  this->begin({{R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)", "getpid"}});
  const auto snapshot = this->world->snapshot();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(this->go(0), "3");
    EXPECT_EQ(this->pending(0), "getpid");
    this->world->restore(snapshot);
    EXPECT_EQ(this->pending(0), R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)");
  }
}

REGISTER_TYPED_TEST_SUITE_P(WorldContract, BeginsBeforeTheFirstCalls, AResetForgetsEverything,
                            AStartThatCannotBeHadIsAnError, OneStepIsOneCallOfOneProcess,
                            AHeldLockDisablesWhoWaitsForIt, ACallThatWaitsAfterAnEffectStaysPending,
                            AForkedChildIsTheNextProcess, DeathTakesStepsAndLocksEndInThem,
                            AChildIsAZombieUntilItsParentWaits, TheEndOfAScriptIsAnExit,
                            AStoppedProcessIsNotEnabled, ASleepEndsByAFaultOfTime,
                            ASnapshotIsGivenBackAsOftenAsAsked);

}  // namespace lockproof
