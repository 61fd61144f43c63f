// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_space.h"

#include <gtest/gtest.h>

#include <bit>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "program/script.h"

namespace lockproof::sim {
namespace {

const std::vector<std::string> kLocks = {R"(open cwd "f" O_RDWR|O_CREAT 0600)",
                                         "flock 3 LOCK_EX",
                                         "say owns",
                                         "hold",
                                         "say gives_up",
                                         "close 3"};
const std::vector<std::string> kOwnsAnyway = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "getppid",
                                              "say owns", "hold"};

class SimSpaceTest : public ::testing::Test {
 protected:
  Program* script(const std::vector<std::string>& lines) {
    auto program = ScriptProgram::parse(lines, texts);
    EXPECT_TRUE(program.ok()) << program.error().sentence;
    programs.push_back(std::move(*program));
    return &programs.back();
  }
  void cast(const std::vector<std::string>& lines, unsigned count) {
    Program* program = script(lines);
    for (unsigned i = 0; i < count; ++i) start.cast.push_back({program, false});
  }
  void faults(FaultLeft fault, unsigned budget) {
    start.faults[static_cast<unsigned>(fault)] = static_cast<std::uint8_t>(budget);
  }

  struct Walked {
    std::size_t states = 0;
    unsigned depth_of_two_owners = 0;  // 0: never
  };
  using See = std::function<void(const State&, const std::vector<Successor>&)>;
  // Every state, breadth first; ends at two owners.
  Walked walk(const See& see = nullptr) {
    auto made = SimSpace::make(start, tables);
    EXPECT_TRUE(made.ok());
    space = std::move(*made);
    std::set<Fingerprint> known = {space->fingerprint(space->first())};
    std::vector<State> level = {space->first()};
    for (unsigned depth = 1; !level.empty(); ++depth) {
      std::vector<State> next;
      for (const State& state : level) {
        std::vector<Successor> successors;
        EXPECT_TRUE(space->expand(state, 0, successors).ok());
        if (see) see(state, successors);
        for (const Successor& successor : successors) {
          if (std::popcount(space->facts(successor.state).owns) > 1) return {known.size(), depth};
          if (known.insert(successor.fingerprint).second) next.push_back(successor.state);
        }
      }
      level.swap(next);
    }
    EXPECT_TRUE(space->refusals().empty());
    return {known.size(), 0};
  }

  Texts texts;
  Tables tables{texts};
  std::deque<ScriptProgram> programs;
  SpaceStart start{{}, {}, {"", "f", nullptr}, {}, {}, true};
  std::unique_ptr<SimSpace> space;
};

using Kind = Transition::Kind;

TEST_F(SimSpaceTest, SymmetryTakesExchangedContendersForOne) {
  cast(kLocks, 3);
  faults(FaultLeft::kKill, 1);
  const Walked merged = walk();
  start.symmetry = false;
  const Walked all = walk();
  EXPECT_EQ(merged.depth_of_two_owners, 0u);
  EXPECT_EQ(all.depth_of_two_owners, 0u);
  EXPECT_LT(2 * merged.states, all.states);
}

TEST_F(SimSpaceTest, AndChangesNothingAboutWhatHappens) {
  cast(kOwnsAnyway, 3);
  EXPECT_EQ(walk().depth_of_two_owners, 4u);
  start.symmetry = false;
  EXPECT_EQ(walk().depth_of_two_owners, 4u);
  start.rules.pids = Pids::kConcrete;
  EXPECT_EQ(walk().depth_of_two_owners, 4u);
}

TEST_F(SimSpaceTest, WhoOwnsIsKnownWhereverItGoes) {
  cast(kLocks, 3);
  Places owners = 0;
  walk([&](const State& state, const std::vector<Successor>&) {
    const Places owns = space->facts(state).owns;
    owners |= owns;
    const Kernel kernel = space->store().get(state.words[0]).kernel;
    for (unsigned place = 0; place < kProcesses; ++place) {
      const std::uint8_t fd = kernel.processes[place].fds[3];
      const bool locks = fd != 0 && kernel.open_files[fd - 1u].flock == kExclusive;
      EXPECT_FALSE((owns >> place & 1) != 0 && !locks);
    }
  });
  EXPECT_GT(std::popcount(owners), 1) << "places are exchanged";
}

TEST_F(SimSpaceTest, ContendersOfDifferentProgramsKeepTheirPlaces) {
  cast(kLocks, 1);
  cast(kLocks, 1);
  const std::size_t apart = walk().states;
  start.symmetry = false;
  EXPECT_EQ(walk().states, apart);
}

TEST_F(SimSpaceTest, FactsAreWhatTheProcessesSay) {
  cast({"getppid", "say claim", "getppid", "say busy", "getppid", "say claim", "say owns", "hold",
        "say gives_up", "getppid", "say released", "say probe.begin", "close 9", "say probe.end",
        "close 9"},
       1);
  std::vector<std::string> words;
  walk([&](const State& state, const std::vector<Successor>&) {
    const Facts facts = space->facts(state);
    std::string word = facts.claiming   ? "claims"
                       : facts.busy     ? "busy"
                       : facts.owns     ? "owns"
                       : facts.gives_up ? "gives up"
                                        : "-";
    if (facts.probing) word += " probes";
    if (!facts.alive) word = facts.present ? "dead" : "gone";
    words.push_back(word);
  });
  EXPECT_EQ(words, (std::vector<std::string>{"-", "claims", "busy", "owns", "gives up", "- probes",
                                             "-", "-", "dead", "gone"}));
}

TEST_F(SimSpaceTest, ATransitionSaysWhatWasSaidOnIt) {
  cast({"getppid", "say claim", "say busy", "getppid", "say claim", "say failed", "exit 2"}, 1);
  std::vector<Transition> steps;
  walk([&](const State&, const std::vector<Successor>& successors) {
    for (const Successor& successor : successors) steps.push_back(successor.step);
  });
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_TRUE(steps[0].said_busy && !steps[0].said_failed);
  EXPECT_TRUE(steps[1].said_failed && !steps[1].said_busy);
  EXPECT_TRUE(steps[2].exits_in_error && !steps[1].exits_in_error);
  EXPECT_EQ(steps[3].kind, Kind::kDeath);
}

TEST_F(SimSpaceTest, TheLateOneBeginsWhenThoseThatHaveBegunAreAtRest) {
  cast({R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX", "hold", "poll -1 -1 -1 -1"}, 2);
  start.cast.push_back({script(kLocks), true});
  faults(FaultLeft::kKill, 1);
  faults(FaultLeft::kStop, 1);
  const unsigned late = 2;
  unsigned begins = 0;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    const auto first = space->first();
    const bool begun = state.words[1 + late] != first.words[1 + late];
    const auto at_late = [&](const Successor& one) {
      return one.step.kind == Kind::kCall && one.step.place == late;
    };
    const bool begins_here = !begun && std::any_of(successors.begin(), successors.end(), at_late);
    begins += begins_here ? 1 : 0;
    for (const Successor& one : successors) {
      const bool other = one.step.kind != Kind::kFault && one.step.place != late;
      const bool not_begun = state.words[1 + one.step.place] == first.words[1 + one.step.place];
      EXPECT_FALSE(begins_here && other && !not_begun) << "somebody else can go on";
      EXPECT_FALSE(begun && other && not_begun) << "somebody begins after the late one";
      EXPECT_FALSE(begun && one.step.kind == Kind::kFault) << "it is there to see what is left";
    }
  });
  EXPECT_GT(begins, 1u);
}

TEST_F(SimSpaceTest, ALateOneThatNeverOwnsHasLost) {
  const auto losses = [&](const std::vector<std::string>& lines) {
    start.cast = {{script({R"(mkdir cwd "d" 0700)", "say claim", "say busy", "exit 1"}), false},
                  {script(lines), true}};
    std::string seen;
    walk([&](const State&, const std::vector<Successor>& successors) {
      for (const Successor& one : successors) {
        EXPECT_FALSE(one.step.place == 0 && one.step.late_lost);
        const bool first = space->facts(one.state).present == 2;
        if (first && one.step.place == 1) seen += one.step.late_lost ? "lost " : "- ";
      }
    });
    return seen;
  };
  EXPECT_EQ(losses({"getppid", "say claim", "say busy", "close 9"}), "lost - lost ");
  EXPECT_EQ(losses({"getppid", "say claim", "say failed", "close 9"}), "lost - lost ");
  EXPECT_EQ(losses({"getppid", "say claim", "say owns", "hold"}), "- - - ");
}

TEST_F(SimSpaceTest, FaultsHaveABudgetAndStrikeWhoHasBegun) {
  cast(kLocks, 2);
  start.symmetry = false;
  faults(FaultLeft::kKill, 2);
  faults(FaultLeft::kStop, 1);
  std::set<std::uint32_t> left;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    left.insert(state.words[11]);
    for (const Successor& one : successors) {
      const std::uint32_t after = one.state.words[11];
      if (one.step.kind != Kind::kFault) {
        EXPECT_EQ(after, state.words[11]) << "only faults cost anything";
        continue;
      }
      const bool kill = one.step.choice.actor == static_cast<std::uint8_t>(Letter::kKill);
      EXPECT_EQ(after, state.words[11] - (kill ? 1 : 0x100));
      EXPECT_NE(state.words[1 + one.step.place], space->first().words[1 + one.step.place]);
    }
  });
  EXPECT_EQ(left, (std::set<std::uint32_t>{0x102, 0x101, 0x100, 0x002, 0x001, 0}));
}

TEST_F(SimSpaceTest, WhoIsStoppedGoesOnForNothing) {
  cast({"getppid", "close 3", "close 4"}, 1);
  faults(FaultLeft::kStop, 1);
  unsigned continued = 0;
  walk([&](const State&, const std::vector<Successor>& successors) {
    for (const Successor& one : successors) {
      if (one.step.kind != Kind::kContinue) continue;
      ++continued;
      EXPECT_EQ(successors.size(), 1u) << "it does nothing else meanwhile";
      EXPECT_EQ(one.step.choice, (Choice{static_cast<std::uint8_t>(Letter::kStop), kGoOn}));
    }
  });
  EXPECT_EQ(continued, 3u) << "wherever it was stopped";
}

class ExecChild : public SimSpaceTest {
 protected:
  // Can the lock be held when its owner is gone?
  bool outlives(const char* open) {
    start.cast.clear();
    cast({open, "flock 3 LOCK_EX", "say owns", "hold", "say gives_up", "getppid"}, 1);
    faults(FaultLeft::kExecChild, 1);
    faults(FaultLeft::kKill, 1);
    bool held = false;
    walk([&](const State& state, const std::vector<Successor>&) {
      const Facts facts = space->facts(state);
      if (facts.cast == 0 && facts.present != 0) held = held || facts.lock == kLockHeld;
    });
    return held;
  }
};

TEST_F(ExecChild, KeepsALockThatIsNotClosedOnExec) {
  EXPECT_TRUE(outlives(R"(open cwd "f" O_RDWR|O_CREAT 0600)"));
  EXPECT_FALSE(outlives(R"(open cwd "f" O_RDWR|O_CREAT|O_CLOEXEC 0600)"));
}

TEST_F(ExecChild, IsStartedByOwnersAlone) {
  cast(kLocks, 1);
  faults(FaultLeft::kExecChild, 1);
  unsigned started = 0;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    for (const Successor& one : successors) {
      if (one.step.kind != Kind::kFault) continue;
      EXPECT_EQ(space->facts(state).owns, 1);
      EXPECT_EQ(space->facts(one.state).present, 3);
      ++started;
    }
  });
  EXPECT_EQ(started, 1u);
}

// Children and strangers take the slots of who is gone.
TEST_F(SimSpaceTest, WhoIsNotOfTheCastIsNoVictimWhereverItIs) {
  start.cast = {{script({"getppid"}), false}, {script({"fork", "poll -1 -1 -1 -1"}), false}};
  faults(FaultLeft::kKill, 1);
  unsigned in_place_of_the_first = 0;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    const Facts facts = space->facts(state);
    const bool child = std::popcount(facts.present) == 2 && facts.cast == 2;
    if (!child) return;
    in_place_of_the_first += (facts.present & 1) != 0 ? 1 : 0;
    for (const Successor& one : successors) {
      EXPECT_FALSE(one.step.kind == Kind::kFault && one.step.place != 1);
    }
  });
  EXPECT_GT(in_place_of_the_first, 0u);
}

TEST_F(SimSpaceTest, AStrangerOfTheStartIsNeverAVictim) {
  cast(kLocks, 1);
  start.strangers = {1251};
  faults(FaultLeft::kKill, 1);
  walk([&](const State& state, const std::vector<Successor>& successors) {
    EXPECT_EQ(space->facts(state).strangers, 2);
    EXPECT_EQ(space->facts(state).cast & 2, 0);
    for (const Successor& one : successors) EXPECT_EQ(one.step.place, 0);
  });
}

TEST_F(SimSpaceTest, WhoWasGivenAnErrorMayEndInOne) {
  start.cast = {{script({"getppid", R"(stat cwd "f" 0)", R"(unlink cwd "f" 0)", "exit 1"}), false}};
  faults(FaultLeft::kErrno, 1);
  unsigned blamed = 0, excused = 0;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    for (const Successor& one : successors) {
      const bool exits = space->facts(one.state).alive == 0 && space->facts(state).alive == 1;
      if (!exits) continue;
      const bool given = left(state, FaultLeft::kErrno) == 0;
      (given ? excused : blamed) += 1;
      EXPECT_EQ(one.step.exits_in_error, !given);
    }
  });
  EXPECT_EQ(blamed, 1u);
  EXPECT_EQ(excused, 1u) << "a script does the same after each error";
}

TEST_F(SimSpaceTest, SymbolicPidsAndTheirReuseExcludeEachOther) {
  cast(kLocks, 2);
  faults(FaultLeft::kPidReuse, 1);
  walk([&](const State&, const std::vector<Successor>& successors) {
    for (const Successor& one : successors) EXPECT_NE(one.step.kind, Kind::kFault);
  });
  EXPECT_TRUE(space->pids_are_numbers());
}

TEST_F(SimSpaceTest, AfterARebootThoseStartWhoHadNotBegun) {
  start.rules.pids = Pids::kConcrete;
  start.cast = {{script({"getppid"}), false}, {script({"setsid", "close 3"}), false}};
  faults(FaultLeft::kReboot, 1);
  unsigned reboots = 0;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    for (const Successor& one : successors) {
      if (one.step.kind != Kind::kFault) continue;
      ++reboots;
      EXPECT_NE(begun(state), 0u);
      const Kernel kernel = space->store().get(one.state.words[kSituation]).kernel;
      const unsigned waits = space->facts(state).alive & ~begun(state);
      EXPECT_EQ(space->facts(one.state).present, waits) << "each at its place";
      EXPECT_EQ(kernel.boot, 2);
      if (waits == 0) continue;
      EXPECT_EQ(kernel.processes[static_cast<unsigned>(std::countr_zero(waits))].pid, 1);
    }
  });
  EXPECT_GT(reboots, 3u);
}

TEST_F(SimSpaceTest, OrderedTimeEndsTheEarliestSleepFirst) {
  start.rules.time = TimeMode::kOrdered;
  start.cast = {{script({"sleep 9000000", "close 3"}), false},
                {script({"sleep 2000000", "close 3"}), false}};
  walk([&](const State& state, const std::vector<Successor>& successors) {
    const About& about = space->store().about(state.words[0]);
    for (const Successor& one : successors) {
      if (one.step.kind != Kind::kClock) continue;
      EXPECT_EQ(one.step.place, (about.asleep & 2u) != 0 ? 1 : 0);
      EXPECT_EQ(about.waking, 0) << "whoever wakes goes first";
    }
  });
}

TEST_F(SimSpaceTest, WhatIsRefusedLeadsNowhereAndIsSaid) {
  cast({"getppid", R"(open cwd "/proc/self/maps" O_RDONLY 0)"}, 1);
  auto made = SimSpace::make(start, tables);
  std::vector<Successor> first, second;
  ASSERT_TRUE((*made)->expand((*made)->first(), 0, first).ok());
  ASSERT_TRUE((*made)->expand(first.at(0).state, 0, second).ok());
  EXPECT_TRUE(second.empty());
  EXPECT_EQ((*made)->refusals().size(), 1u);
}

TEST_F(SimSpaceTest, AStartThatTheModelCannotHoldIsAnError) {
  cast(kLocks, kProcesses + 1);
  const auto made = SimSpace::make(start, tables);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().sentence, "more processes than the model holds");
}

TEST_F(SimSpaceTest, APidMeansSomebodyElseInAnotherNamespace) {
  Program* const waits = script({"getppid", "getppid"});
  Program* const kills = script({"kill 1001 9", "getppid"});
  start.cast = {{waits, false}, {waits, false}, {kills, false}};
  start.rules.pids = Pids::kConcrete;
  unsigned killed_another = 0, killed_itself = 0;
  const auto count = [&](const State&, const std::vector<Successor>& successors) {
    for (const Successor& successor : successors) {
      if (successor.step.signalled == 0xff) continue;
      (successor.step.signalled == 2 ? killed_itself : killed_another) += 1;
    }
  };
  walk(count);
  EXPECT_GT(killed_another, 0u);
  EXPECT_EQ(killed_itself, 0u);
  killed_another = 0;
  start.namespaces = {1, 1, 2};
  faults(FaultLeft::kReboot, 1);  // after which everybody is where he was
  walk(count);
  EXPECT_EQ(killed_another, 0u);
  EXPECT_GT(killed_itself, 0u);
}

TEST_F(SimSpaceTest, APidIsGivenAgainInItsNamespace) {
  cast(kLocks, 1);
  cast({"kill 1001 15", "getppid"}, 1);
  start.rules.pids = Pids::kConcrete;
  faults(FaultLeft::kKill, 1);
  faults(FaultLeft::kPidReuse, 1);
  start.namespaces = {1, 1};
  unsigned strangers = 0, signalled = 0;
  walk([&](const State& state, const std::vector<Successor>& successors) {
    for (const Successor& successor : successors) {
      strangers += static_cast<Letter>(successor.step.choice.actor) == Letter::kPidReuse;
      const std::uint8_t target = successor.step.signalled;
      signalled += target != 0xff && (space->facts(state).strangers >> target & 1) != 0;
    }
  });
  EXPECT_GT(strangers, 0u);
  EXPECT_GT(signalled, 0u) << "who has the pid there now";
}

TEST_F(SimSpaceTest, NamespacesNeedPidsAsTheyAre) {
  cast(kLocks, 2);
  start.namespaces = {1, 2};
  EXPECT_FALSE(SimSpace::make(start, tables).ok());
  start.rules.pids = Pids::kConcrete;
  EXPECT_TRUE(SimSpace::make(start, tables).ok());
}

}  // namespace
}  // namespace lockproof::sim
