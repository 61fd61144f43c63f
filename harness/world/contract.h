// SPDX-License-Identifier: Apache-2.0
// The contract of world.h as tests that every world passes. A world's own test file says how to
// make one, and that is all:
//   template <> struct lockproof::Maker<LiveWorld> { static std::unique_ptr<World> make(); };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Live, WorldContract, LiveWorld);
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <memory>

#include "program/saved.h"
#include "program/script.h"
#include "world/world.h"

namespace lockproof {

template <class T>
struct Maker;

template <class T>
class WorldContract : public ::testing::Test {
 protected:
  void begin(const std::vector<std::vector<std::string>>& scripts,
             std::vector<StartFile> files = {}) {
    Start start{&texts, {}, std::move(files)};
    for (const auto& lines : scripts) {
      auto program = ScriptProgram::parse(lines, texts);
      ASSERT_TRUE(program.ok()) << program.error().sentence;
      programs.push_back(std::make_unique<ScriptProgram>(std::move(*program)));
      start.cast.push_back(programs.back().get());
    }
    const auto begun = world->reset(start);
    ASSERT_TRUE(begun.ok()) << begun.error().sentence;
  }
  std::string pending(unsigned process) { return format(world->pending(process), world->texts()); }
  // The answer as text; "disabled" when it cannot go on.
  std::string go(unsigned process) {
    if (!world->enabled(process)) return "disabled";
    return format(world->perform(process), world->texts());
  }
  std::optional<std::string> content(std::string_view path) const {
    const auto seen = world->file(path);
    return seen ? std::optional(seen->content) : std::nullopt;
  }
  void finish_death(unsigned process) {
    while (world->can_step_death(process)) world->step_death(process);
  }

  Texts texts;
  std::vector<std::unique_ptr<Program>> programs;
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
  const std::vector<std::string> script = {R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)"};
  this->begin({script});
  EXPECT_EQ(this->go(0), "3");
  this->begin({script});
  EXPECT_EQ(this->world->processes(), 1u);
  EXPECT_EQ(this->go(0), "3") << "not EEXIST";
}

TYPED_TEST_P(WorldContract, AStartThatCannotBeHadIsAnError) {
  const StartFile file{"f", ""};
  const StartFile below_it{"f/g", ""};
  EXPECT_FALSE(this->world->reset({&this->texts, {}, {file, below_it}}).ok());
}

TYPED_TEST_P(WorldContract, OneStepIsOneCallOfOneProcess) {
  this->begin({{R"(write 3 "x")", "getppid"}, {R"(stat cwd "f" 0)"}});
  EXPECT_EQ(this->go(0), "EBADF");
  EXPECT_EQ(this->pending(0), "getppid");
  EXPECT_EQ(this->pending(1), R"(stat cwd "f" 0)");
  EXPECT_EQ(this->go(1), "ENOENT");
}

TYPED_TEST_P(WorldContract, AHeldLockDisablesWhoWaitsForIt) {
  const std::vector<std::string> script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX",
                                           "close 3"};
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
  const std::vector<std::string> script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_SH",
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
  const std::vector<std::string> script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX",
                                           "getppid"};
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
  EXPECT_EQ(this->world->wait_status(0), SIGKILL);
}

TYPED_TEST_P(WorldContract, ADeathThatFreesNothingIsUnnoticed) {
  this->begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX", "fork"}, {"getppid"}});
  for (int i = 0; i < 3; ++i) this->go(0);
  const auto kill = [&](unsigned process) {
    ASSERT_TRUE(this->world->inject(Fault::kSignal, process, SIGKILL));
  };
  kill(1);
  EXPECT_TRUE(this->world->death_is_unnoticed(1)) << "it has nothing";
  kill(2);
  EXPECT_TRUE(this->world->death_is_unnoticed(2)) << "its parent has the lock, too";
  kill(0);
  EXPECT_TRUE(this->world->death_is_unnoticed(0)) << "and now the child has";
  this->world->step_death(2);
  EXPECT_FALSE(this->world->death_is_unnoticed(0));
}

TYPED_TEST_P(WorldContract, ADeathIsNoticedByWhoHasAPidfdOfIt) {
  this->begin({{"pidfd_open 1002"}, {"getppid"}, {"getppid"}});
  if (this->world->pid(1) != 1002) return;  // a world may number them otherwise
  EXPECT_EQ(this->go(0), "3");
  for (const unsigned process : {1u, 2u}) {
    ASSERT_TRUE(this->world->inject(Fault::kSignal, process, SIGKILL));
    EXPECT_TRUE(this->world->death_is_unnoticed(process)) << "no files, nothing to see";
    this->world->step_death(process);
  }
  EXPECT_FALSE(this->world->death_is_unnoticed(1));
  EXPECT_TRUE(this->world->death_is_unnoticed(2));
}

TYPED_TEST_P(WorldContract, WhereSomebodyLooksAtDeathsEachStepIsNoticed) {
  auto script = ScriptProgram::parse({"getppid"}, this->texts);
  ASSERT_TRUE(script.ok());
  Start start{&this->texts, {&*script}, {}};
  start.deaths_are_seen = true;
  ASSERT_TRUE(this->world->reset(start).ok());
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 0, SIGKILL));
  EXPECT_FALSE(this->world->death_is_unnoticed(0)) << "its flags say that it exits";
  this->world->step_death(0);
  EXPECT_FALSE(this->world->death_is_unnoticed(0)) << "so does its state";
}

TYPED_TEST_P(WorldContract, AChildIsAZombieUntilItsParentWaits) {
  this->begin({{"fork", "waitpid -1 0"}});
  this->go(0);
  EXPECT_FALSE(this->world->enabled(0));
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 1, SIGTERM));
  this->world->step_death(1);
  EXPECT_FALSE(this->world->death_is_unnoticed(1)) << "its parent waits for it";
  this->finish_death(1);
  EXPECT_EQ(this->world->state(1), ProcessState::kZombie);
  const Answer waited = this->world->perform(0);
  EXPECT_EQ(waited.result, this->world->pid(1));
  EXPECT_EQ(waited.value, SIGTERM);
  EXPECT_EQ(this->world->state(1), ProcessState::kGone);
}

TYPED_TEST_P(WorldContract, AZombieIsThereUntilInitReapsIt) {
  this->begin({{"exit 0"}, {"kill 1001 0", "kill 1001 0"}});
  if (this->world->pid(0) != 1001) return;  // a world may number them otherwise
  this->go(0);
  while (this->world->state(0) != ProcessState::kZombie) this->world->step_death(0);
  EXPECT_EQ(this->go(1), "0");
  this->finish_death(0);
  EXPECT_EQ(this->go(1), "ESRCH");
}

TYPED_TEST_P(WorldContract, SoIsOneThatItsParentHasLeftBehind) {
  this->begin({{"fork", "exit 0"}, {"kill 1003 0", "kill 1003 0", "kill 1003 0"}});
  if (this->world->pid(0) != 1001) return;  // a world may number them otherwise
  this->go(0);
  this->go(2);
  this->finish_death(2);
  EXPECT_EQ(this->go(1), "0");
  this->go(0);
  while (this->world->state(0) != ProcessState::kZombie) this->world->step_death(0);
  EXPECT_EQ(this->go(1), "0") << "it is a child of init now";
  this->finish_death(2);
  EXPECT_EQ(this->go(1), "ESRCH");
}

TYPED_TEST_P(WorldContract, NobodyIsAZombieForGoodWhereOneWasLeftBehind) {
  this->begin({{"fork", "exit 0"}, {"getppid"}, {"kill 1002 0", "kill 1002 0"}});
  if (this->world->pid(0) != 1001) return;  // a world may number them otherwise
  this->go(0);
  this->go(3);
  this->finish_death(3);
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 1, SIGKILL));
  while (this->world->state(1) != ProcessState::kZombie) this->world->step_death(1);
  this->go(0);
  this->finish_death(0);
  EXPECT_EQ(this->go(2), "0");
  this->finish_death(1);
  EXPECT_EQ(this->go(2), "ESRCH");
}

TYPED_TEST_P(WorldContract, TheEndOfAProgramIsAnExit) {
  this->begin({{"exit 3"}});
  EXPECT_EQ(this->pending(0), "exit 3");
  this->world->perform(0);
  EXPECT_EQ(this->world->state(0), ProcessState::kDying);
  EXPECT_EQ(this->world->wait_status(0), 3 << 8);
}

TYPED_TEST_P(WorldContract, AStoppedProcessIsNotEnabled) {
  this->begin({{"getppid"}});
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

TYPED_TEST_P(WorldContract, TimeGoesOnToTheEndOfTheSleepThatIsNamed) {
  this->begin({{"sleep 1000000000"}, {"sleep 5000000000"}, {"clock_gettime CLOCK_MONOTONIC"}});
  EXPECT_EQ(this->world->wakes_at(0), 0) << "not begun";
  for (const unsigned process : {0u, 1u}) this->go(process);
  const std::int64_t later = this->world->wakes_at(1);
  EXPECT_EQ(later - this->world->wakes_at(0), 4'000'000'000);
  EXPECT_FALSE(this->world->inject(Fault::kTime, 2, 0)) << "it waits for none";
  ASSERT_TRUE(this->world->inject(Fault::kTime, 1, 0));
  ASSERT_TRUE(this->world->inject(Fault::kTime, 0, 0)) << "which is over";
  EXPECT_EQ(this->world->perform(2).value, later) << "and time was not set back";
  EXPECT_EQ(this->go(0), "0");
  EXPECT_EQ(this->world->wakes_at(0), 0);
}

TYPED_TEST_P(WorldContract, WhatAProcessSaysComesWithTheCallThatItReaches) {
  this->begin({{"say claim", "getppid", "say owns", "hold"}});
  ASSERT_EQ(this->world->said(0).size(), 1u);
  EXPECT_EQ(this->world->said(0)[0], Said{Kind::kClaim});
  this->go(0);
  ASSERT_EQ(this->world->said(0).size(), 1u);
  EXPECT_EQ(this->world->said(0)[0], Said{Kind::kOwns});
  EXPECT_EQ(this->go(0), "0");
  EXPECT_TRUE(this->world->said(0).empty());
}

TYPED_TEST_P(WorldContract, SeveralProcessesCanShareAProgram) {
  auto shared = ScriptProgram::parse({"getppid", "getppid"}, this->texts);
  ASSERT_TRUE(shared.ok());
  ASSERT_TRUE(this->world->reset({&this->texts, {&*shared, &*shared}, {}}).ok());
  this->go(0);
  EXPECT_EQ(this->pending(0), "getppid");
  EXPECT_EQ(this->pending(1), "getppid");
}

TYPED_TEST_P(WorldContract, AProgramThatDoesNotKnowWhatItAsksNextIsARefusal) {
  SavedProgram program(*Tree::parse("tree 1\n0\n  getppid\n", this->texts), this->texts);
  ASSERT_TRUE(this->world->reset({&this->texts, {&program}, {}}).ok());
  const Answer answer = this->world->perform(0);
  EXPECT_EQ(answer.outcome, Outcome::kRefused);
  EXPECT_EQ(answer.refusal, Refusal::kProgram);
  EXPECT_NE(this->world->refusal().find("process 0, 'getppid': the saved tree does not know"),
            std::string::npos)
      << this->world->refusal();
}

TYPED_TEST_P(WorldContract, AFileIsSeenFromOutside) {
  this->begin({{R"(open cwd "f" O_WRONLY|O_TRUNC 0)", R"(write 3 "new")", R"(unlink cwd "f" 0)"}},
              {{"f", "old"}});
  EXPECT_EQ(this->content("f"), "old");
  this->go(0);
  EXPECT_EQ(this->content("f"), "");
  this->go(0);
  EXPECT_EQ(this->content("f"), "new");
  this->go(0);
  EXPECT_EQ(this->content("f"), std::nullopt);
  EXPECT_EQ(this->content("g"), std::nullopt);
}

TYPED_TEST_P(WorldContract, AnotherFileOfTheSameContentIsAnotherFile) {
  this->begin({{R"(rename cwd "f" cwd "f")", R"(rename cwd "g" cwd "f")"}},
              {{"f", "same"}, {"g", "same"}});
  const auto first = this->world->file("f");
  this->go(0);
  EXPECT_EQ(this->world->file("f"), first);
  this->go(0);
  EXPECT_EQ(this->content("f"), "same");
  EXPECT_NE(this->world->file("f"), first);
}

TYPED_TEST_P(WorldContract, AnErrorIsAnAnswerWithoutEffect) {
  this->begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", "getppid"}});
  ASSERT_TRUE(this->world->inject(Fault::kErrno, 0, EMFILE));
  EXPECT_EQ(this->pending(0), "getppid");
  EXPECT_EQ(this->content("f"), std::nullopt);
}

TYPED_TEST_P(WorldContract, WhatIsSaidAfterAnErrorIsHeard) {
  this->begin({{"say claim", R"(open cwd "f" O_RDONLY 0)", "say failed", "getppid"}});
  ASSERT_TRUE(this->world->inject(Fault::kErrno, 0, EMFILE));
  ASSERT_EQ(this->world->said(0).size(), 1u);
  EXPECT_EQ(this->world->said(0)[0], Said{Kind::kFailed});
}

TYPED_TEST_P(WorldContract, AfterARebootAProcessAsksAnewWhoItIs) {
  auto other = ScriptProgram::parse({"getppid"}, this->texts);
  auto asks =
      Tree::parse("tree 1\n0\n  getpid\n  -> 1001 : 1\n  -> 1002 : 2\n1\n  close 3\n2\n  close 4\n",
                  this->texts);
  ASSERT_TRUE(other.ok() && asks.ok());
  SavedProgram program(*asks, this->texts);
  ASSERT_TRUE(this->world->reset({&this->texts, {&*other, &program}, {}}).ok());
  if (this->world->pid(1) != 1002) return;  // a world may number them otherwise
  this->go(0);
  ASSERT_TRUE(this->world->inject(Fault::kReboot, 0, 0));
  EXPECT_EQ(this->pending(1), "close 3");
}

TYPED_TEST_P(WorldContract, APidIsFreeWhenSomebodyHadItAndNobodyHas) {
  this->begin({{"getppid"}, {"getppid"}});
  const int pid = this->world->pid(0);
  EXPECT_FALSE(this->world->pid_is_free(pid));
  EXPECT_FALSE(this->world->pid_is_free(pid + 100)) << "nobody ever had it";
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 0, SIGKILL));
  this->finish_death(0);
  EXPECT_TRUE(this->world->pid_is_free(pid));
}

TYPED_TEST_P(WorldContract, OnlyACallThatCanGoOnCanFailByAFault) {
  this->begin({{"exit 0"}, {"getppid"}});
  EXPECT_FALSE(this->world->inject(Fault::kErrno, 0, EIO)) << "exit never fails";
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 1, SIGSTOP));
  EXPECT_FALSE(this->world->inject(Fault::kErrno, 1, EIO)) << "it is stopped";
}

TYPED_TEST_P(WorldContract, AfterARebootFilesAreThereAndProcessesAreNot) {
  const std::vector<std::string> owner = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX",
                                          "setsid"};
  this->begin({owner, owner});
  this->go(0);
  this->go(0);
  ASSERT_TRUE(this->world->inject(Fault::kReboot, 0, 0));
  EXPECT_EQ(this->world->state(0), ProcessState::kGone);
  EXPECT_EQ(this->world->state(1), ProcessState::kReady) << "it starts after it";
  EXPECT_EQ(this->content("f"), "");
  this->go(1);
  EXPECT_EQ(this->go(1), "0") << "nobody holds the lock";
  EXPECT_EQ(this->world->perform(1).result, this->world->pid(1));
}

TYPED_TEST_P(WorldContract, AStrangerGetsThePidOfOneThatIsGone) {
  this->begin({{"getppid"}, {}});
  const int pid = this->world->pid(0);
  EXPECT_FALSE(this->world->inject(Fault::kStranger, 0, pid)) << "it lives";
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 0, SIGKILL));
  this->finish_death(0);
  ASSERT_TRUE(this->world->inject(Fault::kStranger, 0, pid));
  ASSERT_EQ(this->world->processes(), 3u);
  EXPECT_EQ(this->world->pid(2), pid);
  EXPECT_FALSE(this->world->enabled(2)) << "it never does anything";
  EXPECT_FALSE(this->world->inject(Fault::kStranger, 0, pid)) << "one is enough";
  ASSERT_TRUE(this->world->inject(Fault::kSignal, 2, SIGTERM));
  EXPECT_EQ(this->world->state(2), ProcessState::kDying);
}

TYPED_TEST_P(WorldContract, StrangersOfTheStartFollowTheCastAndNeverDoAnything) {
  auto asks = ScriptProgram::parse({"kill 1251 0", "fork"}, this->texts);
  ASSERT_TRUE(asks.ok());
  ASSERT_TRUE(this->world->reset({&this->texts, {&*asks}, {}, {1251}}).ok());
  ASSERT_EQ(this->world->processes(), 2u);
  EXPECT_EQ(this->world->pid(1), 1251);
  EXPECT_EQ(this->world->state(1), ProcessState::kReady);
  EXPECT_FALSE(this->world->enabled(1));
  EXPECT_EQ(this->go(0), "0") << "it is there";
  const std::string child = this->go(0);
  EXPECT_EQ(std::to_string(this->world->pid(2)), child) << "births go on after it";
  ASSERT_TRUE(this->world->inject(Fault::kReboot, 0, 0));
  EXPECT_EQ(this->world->state(1), ProcessState::kGone) << "and it does not start again";
}

TYPED_TEST_P(WorldContract, PidsAreNamesInAPidNamespace) {
  std::vector<ScriptProgram> scripts;
  for (const char* last : {"kill 1002 9", "getppid", "kill 1001 9"}) {
    auto script = ScriptProgram::parse({"fork", last}, this->texts);
    ASSERT_TRUE(script.ok());
    scripts.push_back(std::move(*script));
  }
  Start start{&this->texts, {&scripts[0], &scripts[1], &scripts[2]}, {}};
  start.namespaces = {1, 1, 2};
  ASSERT_TRUE(this->world->reset(start).ok());
  EXPECT_NE(this->world->pid(0), this->world->pid(2)) << "in the root one all differ";
  EXPECT_EQ(this->world->own_pid(0), this->world->own_pid(2));
  EXPECT_NE(this->world->own_pid(0), this->world->own_pid(1));
  EXPECT_EQ(this->world->meant_by(0, this->world->own_pid(1)), this->world->pid(1));
  EXPECT_NE(this->world->meant_by(2, this->world->own_pid(1)), this->world->pid(1));
  const Answer forked = this->world->perform(2);
  ASSERT_EQ(this->world->processes(), 4u);
  EXPECT_EQ(forked.result, this->world->own_pid(3));
  EXPECT_EQ(this->world->meant_by(2, forked.result), this->world->pid(3));
  if (this->world->own_pid(1) != 1002) return;  // a world may number them otherwise
  this->go(0);
  EXPECT_EQ(this->go(0), "0");
  EXPECT_EQ(this->world->state(1), ProcessState::kDying);
  EXPECT_EQ(this->world->state(3), ProcessState::kReady);
  EXPECT_EQ(this->go(2), "0");
  EXPECT_EQ(this->world->state(2), ProcessState::kDying) << "itself";
}

TYPED_TEST_P(WorldContract, AfterARebootTheCastIsWhereItWas) {
  auto script = ScriptProgram::parse({"getppid"}, this->texts);
  ASSERT_TRUE(script.ok());
  Start start{&this->texts, {&*script, &*script, &*script}, {}};
  start.namespaces = {1, 1, 2};
  ASSERT_TRUE(this->world->reset(start).ok());
  const int second = this->world->own_pid(1);
  const int first = this->world->own_pid(2);
  this->go(0);
  ASSERT_TRUE(this->world->inject(Fault::kReboot, 0, 0));
  EXPECT_NE(this->world->own_pid(1), second) << "a new boot, and it is the first one";
  EXPECT_EQ(this->world->own_pid(2), first);
  EXPECT_EQ(this->world->meant_by(2, first), this->world->pid(2));
  EXPECT_NE(this->world->meant_by(1, first), this->world->pid(2));
}

TYPED_TEST_P(WorldContract, ARunMayBeginLaterThanTheSystem) {
  auto asks = ScriptProgram::parse({"clock_gettime CLOCK_MONOTONIC"}, this->texts);
  ASSERT_TRUE(asks.ok());
  ASSERT_TRUE(this->world->reset({&this->texts, {&*asks}, {}, {}, 5'000'000'000}).ok());
  EXPECT_EQ(this->world->perform(0).value, 5'000'000'000);
}

TYPED_TEST_P(WorldContract, AnOwnerAtWorkIsAStep) {
  this->begin({{"hold"}});
  EXPECT_EQ(this->go(0), "0");
}

TYPED_TEST_P(WorldContract, ASnapshotIsGivenBackAsOftenAsAsked) {
  if (!this->world->can_restore()) return;  // by rule 10
  this->begin({{R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)", "getppid"}});
  const auto snapshot = this->world->snapshot();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(this->go(0), "3");
    EXPECT_EQ(this->pending(0), "getppid");
    this->world->drop(this->world->snapshot());
    this->world->restore(snapshot);
    EXPECT_EQ(this->pending(0), R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)");
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    WorldContract, BeginsBeforeTheFirstCalls, AResetForgetsEverything,
    AStartThatCannotBeHadIsAnError, OneStepIsOneCallOfOneProcess, AHeldLockDisablesWhoWaitsForIt,
    ACallThatWaitsAfterAnEffectStaysPending, AForkedChildIsTheNextProcess,
    DeathTakesStepsAndLocksEndInThem, ADeathThatFreesNothingIsUnnoticed,
    ADeathIsNoticedByWhoHasAPidfdOfIt, WhereSomebodyLooksAtDeathsEachStepIsNoticed,
    AChildIsAZombieUntilItsParentWaits, AZombieIsThereUntilInitReapsIt,
    SoIsOneThatItsParentHasLeftBehind, NobodyIsAZombieForGoodWhereOneWasLeftBehind,
    TheEndOfAProgramIsAnExit, AStoppedProcessIsNotEnabled, ASleepEndsByAFaultOfTime,
    TimeGoesOnToTheEndOfTheSleepThatIsNamed, WhatAProcessSaysComesWithTheCallThatItReaches,
    SeveralProcessesCanShareAProgram, AProgramThatDoesNotKnowWhatItAsksNextIsARefusal,
    AFileIsSeenFromOutside, AnotherFileOfTheSameContentIsAnotherFile,
    AnErrorIsAnAnswerWithoutEffect, WhatIsSaidAfterAnErrorIsHeard,
    AfterARebootAProcessAsksAnewWhoItIs, APidIsFreeWhenSomebodyHadItAndNobodyHas,
    OnlyACallThatCanGoOnCanFailByAFault, AfterARebootFilesAreThereAndProcessesAreNot,
    AStrangerGetsThePidOfOneThatIsGone, StrangersOfTheStartFollowTheCastAndNeverDoAnything,
    PidsAreNamesInAPidNamespace, AfterARebootTheCastIsWhereItWas, ARunMayBeginLaterThanTheSystem,
    AnOwnerAtWorkIsAStep, ASnapshotIsGivenBackAsOftenAsAsked);

}  // namespace lockproof
