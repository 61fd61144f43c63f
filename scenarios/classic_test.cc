// SPDX-License-Identifier: Apache-2.0
// The classic protocols on the simulated kernel: each one lets a process in and out; the right ones
// keep the second one out; and the wrong ones break by the order of calls that their source tells.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "program/native.h"
#include "sim/kernel.h"
#include "subject/builtin.h"
#include "subject/scenario.h"

namespace lockproof {
namespace {

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all =
      find_scenarios({"classic"}, LOCKPROOF_SOURCE "/scenarios").value();
  return all;
}

const Scenario& scenario(const std::string& name) {
  const auto found = std::find_if(scenarios().begin(), scenarios().end(), [&](const Scenario& one) {
    return one.name == "classic/" + name;
  });
  EXPECT_NE(found, scenarios().end()) << name;
  return *found;
}

// The cast of a scenario over its directory, before the first calls. Processes are letters: 'a' is
// the first one of the cast.
class Stage {
 public:
  explicit Stage(const Scenario& scenario) : scenario_(scenario) {
    kernel_.inodes[sim::kRoot].nlink = 3;
    kernel_.inodes[kDirectory] = {S_IFDIR | 0700, kEmptyText, tables_.user, 2};
    kernel_.names[0] = {sim::kRoot, kDirectory, tables_.texts.intern("run")};
    for (const auto& [role, state] : scenario.files) lay(role, state);
    for (const auto& verbs : scenario.cast) start(verbs.front());
  }

  // One more process; its letter.
  char start(const std::string& verb = "run") {
    auto& program = programs_[verb];
    for (const Verb& one : scenario_.subject.builtin->verbs) {
      if (one.name == verb && program == nullptr) {
        program = std::make_unique<NativeProgram>(one.act, "/run", tables_.texts);
      }
    }
    return add({program.get(), sim::spawn(kernel_, kDirectory), 0, {}, false, 0});
  }

  // A letter is one call of that process. A forked child is the next letter.
  void play(std::string_view schedule) {
    for (const char who : schedule) EXPECT_TRUE(step(actor(who))) << who << " cannot go on";
  }

  void kill(char who) {
    sim::send(kernel_, actor(who).slot, SIGKILL);
    finish_deaths();
  }

  void let_children_go_on() {
    for (Actor& actor : actors_) {
      while (actor.forked && step(actor)) {
      }
    }
  }

  // Goes on until it has said `kind`, ends or waits. Has it said so?
  bool run_until(char who, Kind kind) {
    while (!has_said(who, kind) && step(actor(who))) {
    }
    return has_said(who, kind);
  }

  bool has_said(char who, Kind kind) {
    const auto& said = actor(who).said;
    return std::find(said.begin(), said.end(), kind) != said.end();
  }

  // The letters of those that own.
  std::string owners() {
    std::string letters;
    for (char who = 'a'; who < static_cast<char>('a' + actors_.size()); ++who) {
      if (lives(actor(who)) && has_said(who, Kind::kOwns) && !has_said(who, Kind::kGivesUp))
        letters += who;
    }
    return letters;
  }

  bool exists(std::string_view name) { return inode(name) != 0; }
  std::string_view content(std::string_view name) {
    return tables_.texts[kernel_.inodes[inode(name)].content];
  }

 private:
  static constexpr std::uint8_t kDirectory = 1;  // the inode of /run

  struct Actor {
    NativeProgram* program;
    std::uint8_t slot;
    Node node;
    std::vector<Kind> said;  // in the life until now
    bool forked;
    int pid;  // places are used again, pids are not
  };

  char add(Actor actor) {
    actor.pid = sim::pid_of(kernel_.processes[actor.slot]);
    actors_.push_back(std::move(actor));
    return static_cast<char>('a' + actors_.size() - 1);
  }

  Actor& actor(char letter) { return actors_.at(static_cast<std::size_t>(letter - 'a')); }

  bool lives(const Actor& actor) const {
    const sim::Process& process = kernel_.processes[actor.slot];
    return process.life == sim::Life::kRunning && sim::pid_of(process) == actor.pid;
  }

  // False: it waits, or has ended.
  bool step(Actor& actor) {
    if (!lives(actor)) return false;
    const Call call = actor.program->call(actor.node);
    if (!sim::enabled(kernel_, tables_, actor.slot, call)) return false;
    const Answer answer = sim::step(kernel_, tables_, actor.slot, call);
    EXPECT_NE(answer.outcome, Outcome::kRefused)
        << format(call, tables_.texts) << ": " << sentence(answer.refusal);
    finish_deaths();
    if (answer.outcome != Outcome::kDone) return answer.outcome == Outcome::kWaits;
    if (call.op == Op::kExit) return true;
    const Node before = std::exchange(actor.node, next(actor, actor.node, answer));
    for (const Said& said : actor.program->said(actor.node)) actor.said.push_back(said.kind);
    if (call.op == Op::kFork) {
      NativeProgram* const program = actor.program;
      const std::uint8_t slot = sim::slot_of(kernel_, answer.result);
      add({program, slot, next(actor, before, done(0)), {}, true, 0});  // `actor` may have moved
    }
    return true;
  }

  static Node next(const Actor& actor, Node node, const Answer& answer) {
    const auto to = actor.program->next(node, answer);
    EXPECT_TRUE(to.ok()) << (to.ok() ? "" : to.error().sentence);
    return to.ok() ? *to : node;
  }

  void finish_deaths() {
    for (std::uint8_t slot = 0; slot < sim::kProcesses; ++slot) {
      while (sim::can_advance_death(kernel_, slot)) sim::advance_death(kernel_, slot);
    }
  }

  void lay(const std::string& role, const std::string& state) {
    std::string content;
    if (state == "dead") {
      const std::uint8_t slot = sim::spawn(kernel_, kDirectory);
      content = std::to_string(sim::pid_of(kernel_.processes[slot])) + "\n";
      sim::send(kernel_, slot, SIGKILL);
      finish_deaths();
    } else {
      ASSERT_EQ(state, "empty");
    }
    const std::string name =
        role == "record" ? std::string(scenario_.subject.builtin->record) : role;
    kernel_.inodes[2] = {S_IFREG | 0600, tables_.texts.intern(content), tables_.user, 1};
    kernel_.names[1] = {kDirectory, 2, tables_.texts.intern(name)};
  }

  std::uint8_t inode(std::string_view name) {
    for (const sim::Name& one : kernel_.names) {
      if (one.inode != 0 && one.directory == kDirectory && tables_.texts[one.text] == name) {
        return one.inode;
      }
    }
    return 0;
  }

  const Scenario& scenario_;
  Texts texts_;
  sim::Tables tables_{texts_};
  sim::Kernel kernel_ = sim::boot();
  std::map<std::string, std::unique_ptr<NativeProgram>> programs_;
  std::vector<Actor> actors_;
};

bool holds(const Scenario& one) { return one.expect.verdict == Verdict::kHolds; }

class Classic : public testing::TestWithParam<Scenario> {};

TEST_P(Classic, OneAloneOwnsAndReleases) {
  Stage stage(GetParam());
  ASSERT_TRUE(stage.run_until('a', Kind::kOwns));
  EXPECT_TRUE(stage.run_until('a', Kind::kReleased));
}

class RightClassic : public testing::TestWithParam<Scenario> {};

TEST_P(RightClassic, TheSecondOneIsToldSoAndTheNextOneGetsIn) {
  Stage stage(GetParam());
  ASSERT_TRUE(stage.run_until('a', Kind::kOwns));
  EXPECT_TRUE(stage.run_until('b', Kind::kBusy));
  EXPECT_EQ(stage.owners(), "a");
  ASSERT_TRUE(stage.run_until('a', Kind::kReleased));
  EXPECT_TRUE(stage.run_until(stage.start(), Kind::kOwns));
}

class RecoveringClassic : public testing::TestWithParam<Scenario> {};

TEST_P(RecoveringClassic, TheNextOneGetsInAfterAKill) {
  Stage stage(GetParam());
  ASSERT_TRUE(stage.run_until('a', Kind::kOwns));
  stage.kill('a');
  stage.let_children_go_on();
  EXPECT_TRUE(stage.run_until('b', Kind::kOwns));
}

// What breaks a scenario, in as few calls as possible: nothing is wrong before the last one of
// them.
struct Breach {
  const char* scenario;
  unsigned calls;
  const char* schedule;
};

std::string schedule_of(const Breach& breach) {
  std::string schedule = breach.schedule;
  std::erase(schedule, ' ');
  EXPECT_EQ(schedule.size(), breach.calls);
  return schedule;
}

class TwoOwners : public testing::TestWithParam<Breach> {};

TEST_P(TwoOwners, ByThisOrderOfCalls) {
  Stage stage(scenario(GetParam().scenario));
  const std::string schedule = schedule_of(GetParam());
  stage.play(schedule.substr(0, schedule.size() - 1));
  EXPECT_LE(stage.owners().size(), 1u);
  stage.play(schedule.substr(schedule.size() - 1));
  EXPECT_EQ(stage.owners().size(), 2u) << stage.owners();
}

// The least numbers of calls; an owner at work (hold) and an exit count as one.
const Breach kTwoOwners[] = {
    {"append_at_offset", 8, "aaaa bbbb"},
    {"cleaner_blind", 7, "aaa c bbb"},
    {"cleaner_careless", 13, "cc d c aaa c dd bbb"},
    {"cleaner_unseen", 9, "a cccc bb c a"},
    {"fcntl_getlk", 6, "aa bb a b"},
    {"fcntl_second_close", 10, "aaaaa bbbbb"},
    {"flags_late", 6, "a b aa bb"},
    {"flock_recheck_early", 15, "aaaaa bbb aa b cccc"},
    {"flock_recheck_exists", 12, "aaaa b aa b c b cc"},
    {"flock_unlink", 9, "aaa b aa b cc"},
    {"flock_unlink_late", 15, "aaaaaa bbbb a cccc"},
    {"flock_upgrade", 15, "aaa bb a bbbbb aaaa"},
    {"link_steal", 24, "aaaaaaaaa bbbbbb aaa bbbbbb"},
    {"link_wrong_count", 14, "aaaaaa bbbbbb a b"},
    {"mixed_flock_ofd", 4, "aa bb"},
    {"mkdir_steal", 26, "aaaaaa bb aaa bb ccccc bbbbbbbb"},
    {"o_excl_empty", 13, "aa bbb aa bbbbbb"},
    {"o_excl_guard_again", 41, "aaaaaaaaaaa bb aaaaaaa bbbbbb aa bb cccc bbbbbbb"},
    {"o_excl_guard_late", 26, "aaaaaaa bb aaaaaa bbbbbbbbbbb"},
    {"o_excl_rename", 22, "aaaaaa bbb aaaaa bbbbbbbb"},
    {"o_excl_rename_back", 26, "aaaaaa bbb aaaaaaaaa bbbb cccc"},
    {"o_excl_steal", 21, "aaaaa bb aa bb cccc bbbbbb"},
    {"o_excl_steal_stale", 20, "aaaaa bb aaaaa bbbbbbbb"},
    {"pid_check_write", 10, "a b aaaa bbbb"},
    {"pid_start_time", 16, "aaaaaaa bb a bbbbbb"},
    {"port_reuse", 6, "aaa bbb"},
    {"rename_over", 12, "aaaaa b a bbbbb"},
    {"rename_read_back", 18, "aaaaa b aaaa bbbbbbbb"},
    {"rename_token_made", 10, "aa b aa b a bbb"},
    {"symlink_steal", 13, "aaa bbb aa cc bbb"},
};

// `a` has given up, and removes what is b's by now.
class ClearsAnothers : public testing::TestWithParam<Breach> {};

TEST_P(ClearsAnothers, ByThisOrderOfCalls) {
  const Builtin& builtin = *scenario(GetParam().scenario).subject.builtin;
  const std::string_view name = builtin.record.empty() ? builtin.lock : builtin.record;
  Stage stage(scenario(GetParam().scenario));
  const std::string schedule = schedule_of(GetParam());
  stage.play(schedule.substr(0, schedule.size() - 1));
  EXPECT_EQ(stage.owners(), "b");
  EXPECT_TRUE(stage.exists(name));
  stage.play("a");
  EXPECT_EQ(stage.owners(), "b");
  EXPECT_FALSE(stage.exists(name));
}

const Breach kClearsAnothers[] = {
    {"flock_unlink_late_clears", 11, "aaaaaa bbbb a"},
    {"pid_cleared_if_own", 18, "aaaaaaaaaaa bbbbbb a"},
    {"pid_cleared_late", 15, "aaaaaaaa bbbbbb a"},
};

// `a` is killed after these calls, and everybody else is told that another one owns.
class NeverAgain : public testing::TestWithParam<Breach> {};

TEST_P(NeverAgain, AfterAKill) {
  Stage stage(scenario(GetParam().scenario));
  stage.play(schedule_of(GetParam()));
  stage.kill('a');
  stage.let_children_go_on();
  EXPECT_TRUE(stage.run_until('b', Kind::kBusy));
  EXPECT_TRUE(stage.run_until(stage.start(), Kind::kBusy));
  EXPECT_EQ(stage.owners(), "");
}

const Breach kNeverAgain[] = {
    {"o_excl_killed", 1, "a"}, {"o_excl_guard_same_killed", 1, "a"},
    {"mkdir_killed", 1, "a"},  {"link_steal_once_killed", 10, "aaaaaaaaaa"},
    {"flock_child", 3, "aaa"},
};

// `b`, who loses, empties the record of `a`.
class EmptiesTheOwnersRecord : public testing::TestWithParam<Breach> {};

TEST_P(EmptiesTheOwnersRecord, ByThisOrderOfCalls) {
  const std::string_view record = scenario(GetParam().scenario).subject.builtin->record;
  Stage stage(scenario(GetParam().scenario));
  const std::string schedule = schedule_of(GetParam());
  stage.play(schedule.substr(0, schedule.size() - 1));
  EXPECT_EQ(stage.owners(), "a");
  EXPECT_NE(stage.content(record), "");
  stage.play("b");
  EXPECT_EQ(stage.owners(), "a");
  EXPECT_EQ(stage.content(record), "");
}

const Breach kEmptiesTheOwnersRecord[] = {
    {"flock_truncate_first", 7, "aaaaa bb"},
    {"port_record_first", 8, "aaaaaa bb"},
};

// A scenario that is wrong and in none of the tables would be one that nobody has seen broken.
TEST(ClassicTest, EachWrongOneIsBrokenHere) {
  std::set<std::string> broken;
  for (const std::span<const Breach> table :
       {std::span<const Breach>(kTwoOwners), std::span<const Breach>(kClearsAnothers),
        std::span<const Breach>(kNeverAgain), std::span<const Breach>(kEmptiesTheOwnersRecord)}) {
    for (const Breach& breach : table) broken.insert(std::string("classic/") + breach.scenario);
  }
  // It takes a child of the harness's (exec_child).
  broken.insert("classic/flock_inherited");
  for (const Scenario& one : scenarios())
    EXPECT_EQ(broken.contains(one.name), !holds(one)) << one.name;
}

bool recovers(const Scenario& one) {
  const auto& names = one.invariants;
  return holds(one) && std::find(names.begin(), names.end(), "recovers") != names.end();
}

std::vector<Scenario> those(bool (*wanted)(const Scenario&)) {
  std::vector<Scenario> chosen;
  std::copy_if(scenarios().begin(), scenarios().end(), std::back_inserter(chosen), wanted);
  return chosen;
}

std::string name_of(const testing::TestParamInfo<Scenario>& info) {
  return info.param.name.substr(info.param.name.find('/') + 1);
}
std::string name_of_breach(const testing::TestParamInfo<Breach>& info) {
  return info.param.scenario;
}

INSTANTIATE_TEST_SUITE_P(All, Classic, testing::ValuesIn(scenarios()), name_of);
INSTANTIATE_TEST_SUITE_P(All, RightClassic, testing::ValuesIn(those(holds)), name_of);
INSTANTIATE_TEST_SUITE_P(All, RecoveringClassic, testing::ValuesIn(those(recovers)), name_of);
INSTANTIATE_TEST_SUITE_P(All, TwoOwners, testing::ValuesIn(kTwoOwners), name_of_breach);
INSTANTIATE_TEST_SUITE_P(All, ClearsAnothers, testing::ValuesIn(kClearsAnothers), name_of_breach);
INSTANTIATE_TEST_SUITE_P(All, EmptiesTheOwnersRecord, testing::ValuesIn(kEmptiesTheOwnersRecord),
                         name_of_breach);
INSTANTIATE_TEST_SUITE_P(All, NeverAgain, testing::ValuesIn(kNeverAgain), name_of_breach);

}  // namespace
}  // namespace lockproof
