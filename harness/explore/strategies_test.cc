// SPDX-License-Identifier: Apache-2.0
// Each strategy on locks that everybody can judge by reading.
#include <gtest/gtest.h>

#include "explore/dfs.h"
#include "explore/dpor.h"
#include "explore/generated.h"
#include "explore/random_walks.h"
#include "explore/shrink.h"
#include "program/native.h"
#include "sim/sim_world.h"

namespace lockproof {
namespace {

// A lock file made with O_EXCL, and removed at the end: right, as long as nobody dies.
void exclusive(Session& session) {
  session.claims();
  const int fd = session.sys().openat(AT_FDCWD, "lock", O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (fd < 0) return session.busy();
  session.owns();
  session.hold();
  session.gives_up();
  session.sys().unlinkat(AT_FDCWD, "lock", 0);
  session.sys().close(fd);
  session.released();
}

// The same in two steps: is it there? then make it.
void looks_first(Session& session) {
  session.claims();
  const int there = session.sys().openat(AT_FDCWD, "lock", O_RDONLY, 0);
  if (there >= 0) return session.busy();
  const int fd = session.sys().openat(AT_FDCWD, "lock", O_WRONLY | O_CREAT, 0600);
  session.owns();
  session.hold();
  session.gives_up();
  session.sys().unlinkat(AT_FDCWD, "lock", 0);
  session.sys().close(fd);
  session.released();
}

// Hides that the world can go back.
class ForgetfulWorld final : public World {
 public:
  std::string_view name() const override { return world_.name(); }
  std::string_view directory() const override { return world_.directory(); }
  Result<> reset(const Start& start) override { return world_.reset(start); }
  unsigned processes() const override { return world_.processes(); }
  ProcessState state(unsigned process) const override { return world_.state(process); }
  int pid(unsigned process) const override { return world_.pid(process); }
  int own_pid(unsigned process) const override { return world_.own_pid(process); }
  std::int64_t meant_by(unsigned process, std::int64_t pid) const override {
    return world_.meant_by(process, pid);
  }
  int wait_status(unsigned process) const override { return world_.wait_status(process); }
  const Call& pending(unsigned process) const override { return world_.pending(process); }
  std::span<const Said> said(unsigned process) const override { return world_.said(process); }
  const Texts& texts() const override { return world_.texts(); }
  bool enabled(unsigned process) override { return world_.enabled(process); }
  Answer perform(unsigned process) override { return world_.perform(process); }
  std::string refusal() const override { return world_.refusal(); }
  unsigned steps_of_death() const override { return world_.steps_of_death(); }
  bool can_step_death(unsigned process) const override { return world_.can_step_death(process); }
  void step_death(unsigned process) override { world_.step_death(process); }
  bool death_is_unnoticed(unsigned process) const override {
    return world_.death_is_unnoticed(process);
  }
  Locked locked(std::string_view path) const override { return world_.locked(path); }
  bool pid_is_free(int pid) const override { return world_.pid_is_free(pid); }
  bool inject(Fault fault, unsigned process, std::int64_t value) override {
    return world_.inject(fault, process, value);
  }
  std::int64_t wakes_at(unsigned process) const override { return world_.wakes_at(process); }
  std::optional<File> file(std::string_view path) const override { return world_.file(path); }
  bool can_restore() const override { return false; }
  Snapshot snapshot() override { return 0; }
  void restore(Snapshot) override {}
  void drop(Snapshot) override {}

 private:
  sim::SimWorld world_;
};

class Lock {
 public:
  Lock(NativeProgram::Body body, unsigned processes, unsigned kills = 0)
      : program_(std::move(body), "/home", texts_) {
    start_.texts = &texts_;
    start_.cast.assign(processes, &program_);
    rules_.budget[0] = static_cast<std::uint8_t>(kills);
    outside_.texts = false;
  }
  Problem problem(World& world) const {
    return {world, start_, rules_, outside_, claims_, {}, {"lock"}};
  }

 private:
  Texts texts_;
  NativeProgram program_;
  Start start_;
  Rules rules_;
  Outside outside_;
  std::vector<std::string> claims_ = {"one_owner"};
};

Explored explored(const Problem& problem, Strategy& strategy,
                  std::uint64_t executions = UINT64_MAX) {
  Limits limits;
  limits.executions = executions;
  auto result = explore(problem, strategy, limits);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().sentence);
  return result.ok() ? *result : Explored{};
}

// Asks for what the kernel model does not have.
void asks_too_much(Session& session) {
  session.claims();
  session.sys().flock(0, 1 << 5);
  session.busy();
}

// Random walks have no end of their own: what ends in a refusal counts against the bound, too.
TEST(Executions, ThatTheWorldRefusesAreExecutions) {
  const Lock lock(asks_too_much, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  PlainRandom random(problem, 7);
  Limits limits;
  limits.executions = 10;
  unsigned asked = 0;
  limits.stop = [&](const Explored&) { return ++asked > 1000; };
  const auto result = explore(problem, random, limits);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->executions, 10u);
  EXPECT_FALSE(result->exhausted);
  EXPECT_LT(asked, 1000u) << "ended by the bound";
}

TEST(Exclusive, HoldsInAllInterleavingsAndInTheReducedOnes) {
  const Lock lock(exclusive, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  Dfs naive;
  const Explored all = explored(problem, naive);
  Dpor reduced(problem);
  const Explored some = explored(problem, reduced);
  EXPECT_TRUE(all.exhausted);
  EXPECT_TRUE(some.exhausted);
  EXPECT_TRUE(all.violations.empty());
  EXPECT_TRUE(some.violations.empty());
  EXPECT_EQ(some.end_states, all.end_states);
  RecordProperty("naive", std::to_string(all.executions));
  RecordProperty("reduced", std::to_string(some.executions));
  EXPECT_LT(some.executions * 20, all.executions);
}

TEST(Exclusive, AKilledOwnerLeavesItsFile) {
  const Lock lock(exclusive, 2, 1);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  Dpor reduced(problem);
  const Explored some = explored(problem, reduced);
  EXPECT_TRUE(some.exhausted);
  EXPECT_TRUE(some.violations.empty());
}

TEST(LooksFirst, IsBrokenAndAllStrategiesSaySo) {
  const Lock lock(looks_first, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  Dpor reduced(problem);
  PlainRandom random(problem, 1);
  UniformWalk uniform(problem, 1);
  Pct pct(problem, 1, 3);  // A is held up after its look, and B after that
  for (Strategy* const strategy :
       std::initializer_list<Strategy*>{&reduced, &random, &uniform, &pct}) {
    const Explored some = explored(problem, *strategy, 3000);
    EXPECT_TRUE(some.violations.contains("one_owner"));
  }
}

TEST(LooksFirst, TheShortestRunIsFourSteps) {
  const Lock lock(looks_first, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  Dfs naive;
  const Explored some = explored(problem, naive, 50'000);
  ASSERT_TRUE(some.violations.contains("one_owner"));
  EXPECT_EQ(some.violations.at("one_owner").choices.size(), 4u);
}

TEST(RandomWalks, AreTheSameForTheSameSeed) {
  const Lock lock(looks_first, 3, 1);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  UniformWalk one(problem, 7), two(problem, 7), other(problem, 8);
  const Explored first = explored(problem, one, 20);
  EXPECT_EQ(explored(problem, two, 20).transitions, first.transitions);
  EXPECT_NE(explored(problem, other, 20).transitions, first.transitions);
  EXPECT_FALSE(first.exhausted);
}

TEST(AWorldThatCannotGoBack, GivesTheSame) {
  const Lock lock(exclusive, 2);
  sim::SimWorld world;
  ForgetfulWorld forgetful;
  const Problem with = lock.problem(world), without = lock.problem(forgetful);
  Dpor one(with), two(without);
  const Explored first = explored(with, one), second = explored(without, two);
  EXPECT_EQ(first.end_states, second.end_states);
  EXPECT_EQ(first.executions, second.executions);
}

// Asks something else each time.
class Moody final : public Program {
 public:
  explicit Moody(Texts& texts)
      : calls_{*parse_call("getppid", texts), *parse_call("hold", texts)} {}
  const Call& call(Node node) const override { return calls_[node % 2]; }
  std::span<const Said> said(Node) const override { return {}; }
  Result<Node> next(Node, const Answer&) override { return ++asked_; }

 private:
  Call calls_[2];
  Node asked_ = 0;
};

TEST(AProgramThatIsNotDeterministic, IsAnErrorThatNamesTheFirstCallThatDiffered) {
  Texts texts;
  Moody moody(texts);
  const Start start{&texts, {&moody}, {}};
  const Rules rules;
  const Outside outside;
  const std::vector<std::string> claims;
  ForgetfulWorld world;
  const Problem problem{world, start, rules, outside, claims};
  Execution run(problem);
  ASSERT_TRUE(run.begin().ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run.take({0, 0}).ok());
  const auto back = run.back_to(2);
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().sentence,
            "the subject is not deterministic: after the same 2 choices, A asked 'hold' once, "
            "and 'getppid' later");
}

TEST(ARefusal, IsNotTriedAgainAndNothingIsClaimed) {
  Texts texts;
  auto script = ScriptProgram::parse({"getpid", "flock 3 32"}, texts);
  ASSERT_TRUE(script.ok());
  const Start start{&texts, {&*script, &*script}, {}};
  const Rules rules;
  const Outside outside;
  const std::vector<std::string> claims;
  sim::SimWorld world;
  const Problem problem{world, start, rules, outside, claims};
  Dpor reduced(problem);
  Dfs naive;
  for (Strategy* const strategy : std::initializer_list<Strategy*>{&reduced, &naive}) {
    const Explored some = explored(problem, *strategy);
    EXPECT_FALSE(some.exhausted);
    EXPECT_NE(some.reason.find("a lock operation that is not modelled"), std::string::npos);
  }
}

TEST(Replay, NamesTheChoiceThatIsNotPossible) {
  const Lock lock(exclusive, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  const auto replayed = replay(problem, {{0, 0}, {1, 0}, {7, 0}});
  ASSERT_FALSE(replayed.ok());
  EXPECT_EQ(replayed.error().sentence, "choice 3 of the schedule (H.0) is not possible there");
  Replay strategy({{0, 0}, {1, 0}, {7, 0}});
  explored(problem, strategy);
  EXPECT_EQ(strategy.stopped(), replayed.error().sentence);
}

TEST(Shrink, LeavesWhatIsNeeded) {
  const Lock lock(looks_first, 3);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  // C lives and dies; A looks, B looks, A owns, B owns
  std::vector<Choice> choices(8, Choice{2, 0});
  for (const std::uint8_t actor : {0, 1, 0, 1}) choices.push_back({actor, 0});
  const auto fewer = shrink(problem, choices, "one_owner");
  ASSERT_TRUE(fewer.ok()) << fewer.error().sentence;
  EXPECT_EQ(*fewer, (std::vector<Choice>{{0, 0}, {1, 0}, {0, 0}, {1, 0}}));
  EXPECT_FALSE(shrink(problem, {{0, 0}}, "one_owner").ok());
}

TEST(Shrink, GivesTheFirstLettersToThoseWhoAct) {
  const Lock lock(looks_first, 3, 1);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  const auto run = shrink(problem, {{2, 0}, {1, 0}, {2, 0}, {1, 0}}, "one_owner");
  ASSERT_TRUE(run.ok()) << run.error().sentence;
  EXPECT_EQ(*run, (std::vector<Choice>{{0, 0}, {1, 0}, {0, 0}, {1, 0}}));
}

TEST(Explore, ASecondLookAtWhatWasFoundMayEndIt) {
  const Lock lock(looks_first, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  Dfs naive;
  Limits limits;
  limits.stop = [](const Explored& so_far) { return !so_far.violations.empty(); };
  const auto some = explore(problem, naive, limits);
  ASSERT_TRUE(some.ok());
  EXPECT_TRUE(some->violations.contains("one_owner"));
  EXPECT_FALSE(some->exhausted);
}

TEST(CriticalPair, IsTheLookThatCameTooEarly) {
  const Lock lock(looks_first, 2);
  sim::SimWorld world;
  const Problem problem = lock.problem(world);
  const std::vector<Choice> choices = {{0, 0}, {1, 0}, {0, 0}, {1, 0}};
  const auto pair = critical_pair(problem, choices, "one_owner");
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(pair->first, 1u) << "B looks, A makes the file";
}

}  // namespace
}  // namespace lockproof
