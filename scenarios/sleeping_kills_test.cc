// SPDX-License-Identifier: Apache-2.0
// Kills that sleep (world/space.h) hide no state of any built-in protocol: these branch by what
// they are answered, and say what they are at.
#include <gtest/gtest.h>

#include "explore/awake.h"
#include "explore/search.h"
#include "program/native.h"
#include "sim/sim_space.h"
#include "subject/builtin.h"

namespace lockproof {
namespace {

constexpr std::uint64_t kMostStates = 60'000;

struct Ends {
  SearchProgress asleep, awake;
  bool all = true;  // was seen
};

Ends search_both(const Builtin& builtin, const Verb& verb, sim::Pids pids) {
  Ends ends;
  for (SearchProgress* const end : {&ends.asleep, &ends.awake}) {
    Texts texts;
    sim::Tables tables(texts);
    NativeProgram program(verb.act, "/home", texts);
    sim::SpaceStart start;
    start.cast = {{&program}, {&program}, {&program, true}};
    start.faults[0] = 2;
    start.rules.pids = pids;
    start.roles = {std::string(builtin.record), std::string(builtin.lock),
                   builtin.read_record != nullptr ? builtin.read_record : &read_pid_text};
    auto space = sim::SimSpace::make(start, tables);
    EXPECT_TRUE(space.ok()) << space.error().sentence;
    test::Awake awake(**space);
    Space& searched = end == &ends.awake ? static_cast<Space&>(awake) : **space;
    const auto found = search(searched, {}, {.states = kMostStates}, nullptr);
    EXPECT_TRUE(found.ok()) << found.error().sentence;
    ends.all = ends.all && found->exhausted;
    *end = found->end;
  }
  return ends;
}

class SleepingKillsOf : public testing::TestWithParam<sim::Pids> {};

TEST_P(SleepingKillsOf, BuiltInProtocolsHideNoState) {
  std::size_t compared = 0;
  std::uint64_t saved = 0;
  for (const Builtin& builtin : all_builtins()) {
    if (!builtin.name.starts_with("classic/")) continue;
    for (const Verb& verb : builtin.verbs) {
      if (verb.name != "run") continue;
      const Ends ends = search_both(builtin, verb, GetParam());
      if (!ends.all) continue;
      ++compared;
      EXPECT_EQ(ends.asleep.states, ends.awake.states) << builtin.name;
      EXPECT_EQ(ends.asleep.depth, ends.awake.depth) << builtin.name;
      saved += ends.awake.transitions - ends.asleep.transitions;
    }
  }
  EXPECT_GT(compared, 30u);
  EXPECT_GT(saved, 0u);
}

INSTANTIATE_TEST_SUITE_P(Pids, SleepingKillsOf,
                         testing::Values(sim::Pids::kConcrete, sim::Pids::kSymbolic));

}  // namespace
}  // namespace lockproof
