// SPDX-License-Identifier: Apache-2.0
#include "check/stage.h"

#include <algorithm>
#include <functional>

#include "check/test_subjects.h"

namespace lockproof {
namespace {

class StageTest : public ::testing::Test {
 protected:
  std::unique_ptr<Stage> make() {
    auto stage = Stage::make(scenario, *scenario.subject.builtin, options);
    EXPECT_TRUE(stage.ok()) << stage.error().sentence;
    return std::move(*stage);
  }
  std::string complaint() {
    const auto stage = Stage::make(scenario, *scenario.subject.builtin, options);
    if (stage.ok()) return "none";
    EXPECT_EQ(stage.error().kind, Error::Kind::kUsage);
    return stage.error().sentence;
  }

  Scenario scenario = test::scenario_of(test::kRight, 3);
  StageOptions options;
};

TEST_F(StageTest, SaysWhatIsExplored) {
  EXPECT_EQ(make()->bounds(), "3 processes, time-outs at any time");
  scenario.invariants = {"one_owner", "recovers"};
  scenario.faults = {{"kill", 2}, {"exec_child", 1}};
  EXPECT_EQ(make()->bounds(),
            "3 processes and a late one, 2 kills, 1 exec_child, time-outs at any time");
  options = {1, 1, TimeMode::kOrdered};
  EXPECT_EQ(make()->bounds(), "1 process and a late one, 1 kill, 1 exec_child, time-outs in order");
}

TEST_F(StageTest, WhoAsksForRecoveryGetsALateOne) {
  EXPECT_EQ(make()->space(sim::Pids::kSymbolic).cast.size(), 3u);
  scenario.invariants = {"no_lock_leak"};
  const auto stage = make();
  const sim::SpaceStart space = stage->space(sim::Pids::kConcrete);
  ASSERT_EQ(space.cast.size(), 4u);
  EXPECT_TRUE(space.cast[3].late);
  EXPECT_FALSE(space.cast[2].late);
  EXPECT_EQ(space.cast[3].program, space.cast[0].program) << "of one kind";
  EXPECT_EQ(stage->start().cast.size(), 4u);
  EXPECT_EQ(stage->rules().late, (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(space.rules.pids, sim::Pids::kConcrete);
}

TEST_F(StageTest, EachPartIsAProgramOfItsOwn) {
  scenario.cast = {{"run"}, {"other"}, {"other", "run"}, {"run"}};
  const auto stage = make();
  const auto& cast = stage->start().cast;
  EXPECT_EQ(cast[0], cast[3]);
  EXPECT_NE(cast[0], cast[1]);
  EXPECT_NE(cast[1], cast[2]);
  EXPECT_EQ(cast[1]->call(0).op, Op::kGetppid);
  EXPECT_EQ(cast[2]->call(0).op, Op::kGetppid) << "its verbs in turn";
}

TEST_F(StageTest, MoreContendersDoInTurnWhatThoseOfTheCastDo) {
  scenario.cast = {{"run"}, {"other", "run"}};
  scenario.setup = {"run"};
  options.processes = 4;
  const auto four = make();
  const auto& cast = four->start().cast;
  ASSERT_EQ(cast.size(), 5u) << "who is there before is not among them";
  EXPECT_EQ(cast[1], cast[3]);
  EXPECT_EQ(cast[2], cast[4]);
  EXPECT_NE(cast[1], cast[2]);
  options.processes = 1;
  EXPECT_EQ(make()->start().cast.size(), 2u);
}

TEST_F(StageTest, WhatCanHappenIsTheSameWhateverIsPromised) {
  const std::string before = make()->what_can_happen();
  scenario.invariants = {"one_owner", "record_names_owner", "clean_exit"};
  EXPECT_EQ(make()->what_can_happen(), before);
  scenario.faults = {{"stop", 1}, {"kill", 0}};
  EXPECT_EQ(make()->what_can_happen(), before) << "a schedule like any other";
}

TEST_F(StageTest, WhatCanHappenDiffersWhereAnythingElseDoes) {
  const std::vector<std::function<void()>> changes = {
      [&] { scenario.cast.pop_back(); },
      [&] { scenario.cast.back() = {"other"}; },
      [&] { scenario.setup = {"run"}; },
      [&] {
        scenario.files = {{"record", "dead"}};
      },
      [&] {
        scenario.files = {{"record", "recycled"}};
      },
      [&] {
        scenario.faults = {{"kill", 1}};
      },
      [&] {
        scenario.faults = {{"term", 1}};
      },
      [&] {
        scenario.faults = {{"clock_step", 1000}};
      },
      [&] {
        scenario.faults = {{"clock_step", 2000}};
      },
      [&] {
        scenario.namespaces = {1, 2, 1};
      },
      [&] { scenario.invariants = {"recovers"}; },  // a late one
      [&] { scenario.invariants = {"stop_respected"}; },
      [&] { scenario.invariants = {"refuses_while_owned"}; },
      [&] { scenario.invariants = {"no_needless_start"}; },
      [&] { scenario.invariants = {"no_former_owner_signalled"}; },
      [&] { scenario.invariants = {"ready_spared"}; },
      [&] { scenario.invariants = {"no_orphan"}; },
      [&] { scenario.invariants = {"user_managed_spared"}; },
      [&] { scenario.invariants = {"no_livelock"}; },
      [&] { options.time = TimeMode::kOrdered; },
      [&] { options.kills = 3; },
      [&] { scenario.subject.builtin = &test::kNoLock; },
  };
  const Scenario plain = scenario;
  std::vector<std::string> seen = {make()->what_can_happen()};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    scenario = plain;
    options = {};
    changes[i]();
    const std::string now = make()->what_can_happen();
    EXPECT_EQ(std::count(seen.begin(), seen.end(), now), 0) << "change " << i << ": " << now;
    seen.push_back(now);
  }
}

TEST_F(StageTest, FaultsAreBudgetsSchedulesOrLeftOut) {
  scenario.faults = {
      {"kill", 2},       {"term", 1},      {"stop", 3},           {"slow_shutdown", 200},
      {"stall", 0},      {"reboot", 1},    {"errno", 2},          {"fork_child", 1},
      {"exec_child", 4}, {"pid_reuse", 3}, {"clock_step", 30'000}};
  const auto any = make();
  EXPECT_EQ(any->space(sim::Pids::kSymbolic).faults, (sim::FaultsLeft{2, 1, 0, 4, 3, 1, 2, 1}));
  EXPECT_EQ(any->left_out(), std::vector<std::string>{"fork_child"});
  EXPECT_EQ(any->rules().clock_step_ns, 30'000'000'000);
  EXPECT_EQ(any->space(sim::Pids::kConcrete).rules.clock_step_ns, 30'000'000'000);
  ASSERT_EQ(any->notes().size(), 1u);
  EXPECT_EQ(any->notes()[0].substr(0, 20), "slow_shutdown, stop:");
  options.time = TimeMode::kOrdered;
  const auto ordered = make();
  EXPECT_EQ(ordered->space(sim::Pids::kSymbolic).faults, (sim::FaultsLeft{2, 1, 3, 4, 3, 1, 2, 1}));
  EXPECT_EQ(ordered->left_out(), (std::vector<std::string>{"fork_child", "slow_shutdown"}));
  EXPECT_TRUE(ordered->notes().empty());
}

TEST_F(StageTest, FilesLieInTheDirectoryBefore) {
  scenario.files = {{"record", "dead"}, {"lock", "absent"}, {"else", "'x'"}};
  const auto stage = make();
  const auto& files = stage->start().files;
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name + "=" + files[0].content, "else=x");
  EXPECT_EQ(files[1].name + "=" + files[1].content, "pid=1251\n");
  EXPECT_EQ(stage->space(sim::Pids::kSymbolic).files.size(), 2u);
}

TEST_F(StageTest, ARecycledPidIsAStrangersWhoIsThereFromTheBeginning) {
  scenario.files = {{"record", "recycled"}};
  const auto stage = make();
  EXPECT_EQ(stage->start().files.at(0).content, "1251\n");
  EXPECT_EQ(stage->start().strangers, std::vector<int>{1251});
  EXPECT_EQ(stage->start().uptime_ns, 0) << "nobody has looked at a clock";
  EXPECT_EQ(stage->space(sim::Pids::kSymbolic).strangers, std::vector<int>{1251});
  EXPECT_EQ(stage->bounds(), "3 processes, a stranger, time-outs at any time");
}

TEST_F(StageTest, WhoWasBornLaterHasAnotherStartTime) {
  scenario = test::scenario_of(*find_builtin("classic/pid_start_time"), 1);
  for (const char* state : {"recycled", "self"}) {
    scenario.files = {{"record", state}};
    EXPECT_EQ(make()->start().uptime_ns, 1'000'000'000) << state;
    EXPECT_EQ(make()->space(sim::Pids::kSymbolic).uptime_ns, 1'000'000'000) << state;
  }
  scenario.files = {{"record", "dead"}};
  EXPECT_EQ(make()->start().uptime_ns, 0);
}

TEST_F(StageTest, TheLateOneIsInANamespaceToo) {
  scenario.namespaces = {1, 2, 1};
  EXPECT_EQ(make()->start().namespaces, (std::vector<unsigned>{1, 2, 1}));
  EXPECT_EQ(make()->bounds(), "3 processes, in pid namespaces 1, 2, 1, time-outs at any time");
  scenario.invariants = {"recovers"};
  EXPECT_EQ(make()->start().namespaces, (std::vector<unsigned>{1, 2, 1, 1}))
      << "where the first one is";
  EXPECT_EQ(make()->space(sim::Pids::kConcrete).namespaces, make()->start().namespaces);
  scenario.namespaces = {1, 2, 1, 2};
  EXPECT_EQ(make()->start().namespaces, (std::vector<unsigned>{1, 2, 1, 2}));
}

TEST_F(StageTest, NamespacesAreOfTheProcessesThatThereAre) {
  scenario.namespaces = {1, 2, 1, 2};
  EXPECT_EQ(complaint(), "check/right: namespaces: 4 numbers, expected 3: there is no late one");
  scenario.namespaces = {1, 2, 1};
  options.processes = 4;
  EXPECT_EQ(complaint(),
            "check/right: --processes 4: expected at most 3, which are in pid namespaces of their "
            "own");
}

TEST_F(StageTest, FewerAreWhereTheyWouldBeAmongAll) {
  options.processes = 2;
  scenario.namespaces = {1, 2, 0};
  EXPECT_EQ(make()->start().namespaces, (std::vector<unsigned>{1, 2}));
}

TEST_F(StageTest, OfPidsThatComeAgainOnlyOneKindIsSearchedInNamespaces) {
  scenario.faults = {{"pid_reuse", 1}, {"reboot", 1}};
  EXPECT_EQ(complaint(), "none");
  scenario.namespaces = {1, 2, 1};
  EXPECT_EQ(complaint(),
            "check/right: faults pid_reuse and reboot: expected one of them in pid namespaces");
  scenario.faults = {{"pid_reuse", 1}};
  EXPECT_EQ(complaint(), "none");
}

TEST_F(StageTest, SelfIsWhoLooksAtWhatLiesThere) {
  scenario.files = {{"record", "self"}};
  EXPECT_EQ(make()->start().files.at(0).content, "1001\n") << "the first of the cast";
  EXPECT_TRUE(make()->start().strangers.empty());
  scenario.invariants = {"recovers"};
  EXPECT_EQ(make()->start().files.at(0).content, "1004\n") << "the late one";
}

TEST_F(StageTest, TheSetupComesBeforeTheCast) {
  scenario.setup = {"other", "run"};
  scenario.invariants = {"clean_exit"};
  scenario.files = {{"record", "self"}};
  const auto stage = make();
  const auto& cast = stage->start().cast;
  ASSERT_EQ(cast.size(), 5u);
  EXPECT_EQ(cast[0]->call(0).op, Op::kGetppid) << "in their order";
  EXPECT_EQ(cast[1], cast[2]) << "of one kind";
  EXPECT_EQ(stage->start().setup, 2u);
  EXPECT_EQ(stage->space(sim::Pids::kSymbolic).setup, 2u);
  EXPECT_EQ(stage->start().files.at(0).content, "1003\n") << "the first of the cast";
  EXPECT_EQ(stage->bounds(), "2 processes brought to ready, 3 processes, time-outs at any time");
}

TEST_F(StageTest, TheSubjectSaysWhichFilesThePromisesAreAbout) {
  const auto stage = make();
  const sim::Roles roles = stage->space(sim::Pids::kSymbolic).roles;
  EXPECT_EQ(roles.record, "pid");
  EXPECT_EQ(roles.lock, "pid");
  EXPECT_EQ(roles.read_record("1001\n"), 1001);
  EXPECT_EQ(stage->outside().files.size(), 1u) << "one file, two roles";
}

TEST_F(StageTest, WhatASearchCannotDoIsOneSentence) {
  const Scenario good = scenario;
  scenario.setup = {"blocks"};
  EXPECT_EQ(complaint(), "check/right: setup: process A neither owns nor ends, but waits");
  scenario.setup = {"other", "run"};
  EXPECT_EQ(complaint().substr(0, 48), "check/right: setup: breaks one_owner by itself: ");
  scenario = good;
  scenario.cast.assign(9, {"run"});
  EXPECT_EQ(complaint(), "check/right: 9 processes, expected at most 8");
  scenario.cast.assign(8, {"run"});
  scenario.invariants = {"recovers"};
  EXPECT_EQ(complaint(), "check/right: 9 processes, expected at most 8, the late one included");
  scenario = good;
  scenario.faults = {{"kill", 16}};
  EXPECT_EQ(complaint(), "check/right: faults.kill = 16, expected at most 15 in a search");
  scenario = good;
  scenario.files = {{"record", "old"}};
  EXPECT_NE(complaint().find("check/right: files.record: \"old\": expected"), std::string::npos);
  scenario = test::scenario_of(test::kNoLock, 2);
  scenario.files = {{"lock", "empty"}};
  EXPECT_EQ(complaint(), "check/no_lock: files.lock: subject 'check/no_lock' has no such file");
  scenario = test::scenario_of(test::kOwnsAtOnce, 2);
  EXPECT_NE(complaint().find("owns before its first call"), std::string::npos);
}

}  // namespace
}  // namespace lockproof
