// SPDX-License-Identifier: Apache-2.0
#include "sim/steps.h"

#include <deque>

#include "core/event.h"
#include "program/script.h"
#include "sim/home.h"
#include "sim/machine.h"

namespace lockproof::sim {
namespace {

std::int64_t pid_in(std::string_view content) {
  return content.empty() ? seen::kEmpty : seen::kTorn;
}

// Scripts over the kernel of a Machine, with pids as they are unless a test says otherwise.
class StepsTest : public ::testing::Test {
 protected:
  using Outcome = Edge::Outcome;

  NodeRef script(const std::vector<std::string>& lines) {
    auto program = ScriptProgram::parse(lines, m.texts);
    EXPECT_TRUE(program.ok()) << program.error().sentence;
    programs.push_back(std::move(*program));
    return Nodes::first_of(nodes.add(programs.back()));
  }
  void use(Pids pids, TimeMode time) {
    rules = {pids, time};
    steps = std::make_unique<Steps>(m.tables, naming, store, nodes, rules);
  }
  // The situation in which the machine is.
  SituationId here() {
    Situation now{m.kernel, {}, {}};
    if (rules.pids == Pids::kSymbolic) {
      now.views[a] = {{1, 2}, 2};
      now.views[b] = {{2}, 1};
    }
    EXPECT_TRUE(canonicalize(now, kSameOrder, rules.pids, m.tables, naming));
    return store.put(now);
  }
  Edge call(SituationId from, std::uint8_t slot, NodeRef node) {
    const auto edge = steps->find({from, node, slot, Act::kCall});
    EXPECT_TRUE(edge.ok());
    return *edge;
  }
  Edge act(SituationId from, std::uint8_t slot, Act what) {
    const auto edge = steps->find({from, 0, slot, what});
    EXPECT_TRUE(edge.ok());
    return *edge;
  }
  // The edge of one line, asked where the machine is.
  Edge step(std::uint8_t slot, const char* line) { return call(here(), slot, script({line})); }
  std::string at(NodeRef node) { return format(nodes.call(node), m.texts); }
  Life life(const Edge& edge, std::uint8_t slot) {
    return store.get(edge.to).kernel.processes[slot].life;
  }

  Machine m;
  std::uint8_t a = m.start();
  std::uint8_t b = m.start();
  Naming naming{m.texts};
  Store store{m.tables, naming, {"pid", "lock", pid_in}};
  std::deque<ScriptProgram> programs;
  Nodes nodes;
  Steps::Rules rules{Pids::kConcrete, TimeMode::kAnyTime};
  std::unique_ptr<Steps> steps = std::make_unique<Steps>(m.tables, naming, store, nodes, rules);
};

TEST_F(StepsTest, ACallLeadsToWhatTheKernelMakesOfIt) {
  const NodeRef node = script({R"(open cwd "f" O_RDWR|O_CREAT 0600)", "close 3"});
  const Edge edge = call(here(), a, node);
  EXPECT_EQ(edge.outcome, Outcome::kDone);
  EXPECT_EQ(at(edge.node), "close 3");
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  EXPECT_EQ(edge.to, here());
}

TEST_F(StepsTest, AnEdgeIsFoundAgain) {
  const NodeRef node = script({"getppid", "close 3"});
  const SituationId from = here();
  const Asked first = {from, node, a, Act::kCall};
  EXPECT_EQ(steps->known(first).outcome, Outcome::kUnknown);
  const Edge edge = *steps->find(first);
  EXPECT_EQ(steps->known(first).node, edge.node);
  EXPECT_EQ(steps->find(first)->node, edge.node);
  EXPECT_EQ(steps->size(), 1u);
  EXPECT_EQ(steps->find({from, node, b, Act::kCall})->slot, b) << "somebody else";
  EXPECT_EQ(steps->find({from, edge.node, a, Act::kCall})->what, edge.node) << "elsewhere";
  EXPECT_EQ(steps->find({from, 0, a, Act::kStop})->act, Act::kStop);
  EXPECT_EQ(steps->size(), 4u);
}

// What the kernel does is known from the first of them; where they go on is their own.
TEST_F(StepsTest, ACallThatWasAskedAtAnotherNodeSaysWhatIsSaidThere) {
  const SituationId from = here();
  const char* const look = R"(stat cwd "f" 0)";
  const Edge plain = call(from, a, script({look, "close 3"}));
  EXPECT_TRUE(plain.silent);
  const Edge busy = call(from, a, script({look, "say busy", "close 4"}));
  EXPECT_EQ(busy.to, plain.to);
  EXPECT_EQ(busy.says, kSaysBusy);
  EXPECT_FALSE(busy.silent);
  EXPECT_EQ(at(busy.node), "close 4");
  const Edge again = call(from, a, script({look, "close 5"}));
  EXPECT_EQ(again.says, 0);
  EXPECT_TRUE(again.silent);
  EXPECT_EQ(at(again.node), "close 5");
}

// A getpid passes with the call before it, at whichever node that was asked.
TEST_F(StepsTest, WhatConcernsNobodyElsePassesAtEachNode) {
  const SituationId from = here();
  const char* const look = R"(stat cwd "f" 0)";
  EXPECT_EQ(at(call(from, a, script({look, "close 3"})).node), "close 3");
  EXPECT_EQ(at(call(from, a, script({look, "getpid", "close 4"})).node), "close 4");
  EXPECT_EQ(at(call(from, a, script({look, "getpid", "close 5"})).node), "close 5");
}

TEST_F(StepsTest, AForkThatWasAskedAtAnotherNodeHasAChildThere) {
  const SituationId from = here();
  const Edge first = call(from, a, script({"fork", "close 3"}));
  const Edge before = call(from, a, script({"getppid", "fork", "say claim", "close 4"}));
  ASSERT_EQ(before.to, from);
  const Edge second = call(from, a, before.node);
  EXPECT_EQ(second.to, first.to);
  EXPECT_EQ(second.child, first.child);
  EXPECT_EQ(second.born, first.born);
  EXPECT_EQ(at(second.child_node), "close 4");
  EXPECT_EQ(nodes.about(second.child_node).attempt, Attempt::kClaiming);
}

TEST_F(StepsTest, AKillIsFoundAgain) {
  const SituationId from = here();
  const Asked kill = {from, 0, a, Act::kKill};
  EXPECT_EQ(steps->known(kill).outcome, Outcome::kUnknown);
  const Edge edge = *steps->find(kill);
  EXPECT_EQ(edge.outcome, Outcome::kDone);
  EXPECT_NE(life(edge, a), Life::kRunning);
  EXPECT_EQ(life(edge, b), Life::kRunning);
  EXPECT_EQ(steps->known(kill).to, edge.to);
  EXPECT_NE(steps->find({from, 0, b, Act::kKill})->to, edge.to) << "somebody else";
}

// B's look at a file does not depend on A's life; its signal to A does.
TEST_F(StepsTest, AKillSleepsWhereItMightHaveComeOneStepEarlier) {
  const auto both = static_cast<Places>(1u << a | 1u << b);
  const auto sleeping = [&](const char* line) {
    const Asked asked = {here(), script({line, "close 9"}), b, Act::kCall};
    EXPECT_EQ(steps->find(asked)->outcome, Outcome::kDone);
    const Places asleep = *steps->find_sleeping(asked, both);
    EXPECT_EQ(steps->known(asked).asleep, asleep) << "and is known from then on";
    EXPECT_EQ(*steps->find_sleeping(asked, both), asleep);
    return asleep;
  };
  EXPECT_EQ(sleeping(R"(stat cwd "f" 0)"), both);
  EXPECT_EQ(sleeping(R"(open cwd "g" O_RDWR|O_CREAT 0600)"), both & ~(1u << b))
      << "a kill of B before it leaves no file";
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  m(a, "flock 3 LOCK_EX");
  m(b, R"(open cwd "f" O_RDWR 0)");
  EXPECT_EQ(sleeping("flock 3 LOCK_EX|LOCK_NB"), both & ~(1u << a)) << "it fails while A lives";
}

TEST_F(StepsTest, WhatTheModelDoesNotKnowIsCountedByName) {
  EXPECT_TRUE(steps->refusals().empty());
  const Edge edge = step(a, R"(open cwd "/proc/self/maps" O_RDONLY 0)");
  EXPECT_EQ(edge.outcome, Outcome::kRefused);
  ASSERT_EQ(steps->refusals().size(), 1u);
  EXPECT_EQ(steps->refusals()[0], R"(open cwd "/proc/self/maps" O_RDONLY 0: )" +
                                      std::string(sentence(Refusal::kSpecialFile)));
  step(b, R"(open cwd "/proc/self/maps" O_RDONLY 0)");
  EXPECT_EQ(steps->refusals().size(), 1u) << "the same again";
  EXPECT_FALSE(steps->pids_are_numbers());
}

TEST_F(StepsTest, RandomBytesTellProcessesApartThatDifferInNothing) {
  m(a, R"(open cwd "/dev/urandom" O_RDONLY 0)");
  EXPECT_EQ(step(a, "read 3 8").outcome, Outcome::kDone);
  use(Pids::kSymbolic, TimeMode::kAnyTime);
  EXPECT_EQ(step(a, "read 3 8").outcome, Outcome::kRefused);
  EXPECT_TRUE(steps->pids_are_numbers());
}

TEST_F(StepsTest, SymbolicPidsAreThoseThatTheProcessMet) {
  use(Pids::kSymbolic, TimeMode::kAnyTime);
  EXPECT_EQ(step(a, "kill 1002 9").signalled, b);
  EXPECT_EQ(step(b, "kill 1001 9").signalled, b) << "itself";
  const Edge edge = step(b, "kill 1002 9");
  EXPECT_EQ(edge.outcome, Outcome::kRefused) << "it has met nobody";
  EXPECT_TRUE(steps->pids_are_numbers());
}

TEST_F(StepsTest, WhoEndsByItselfOrByAFaultHasItsFilesClosedAtOnce) {
  m(a, R"(open cwd "lock" O_RDWR|O_CREAT 0600)");
  m(a, "flock 3 LOCK_EX");
  const Edge exit = step(a, "exit 3");
  EXPECT_TRUE(exit.exits);
  EXPECT_TRUE(exit.exits_in_error);
  EXPECT_EQ(exit.node, kDead);
  EXPECT_EQ(life(exit, a), Life::kZombie);
  EXPECT_EQ(store.about(exit.to).lock, kLockFree);
  const Edge killed = act(here(), a, Act::kKill);
  EXPECT_EQ(life(killed, a), Life::kZombie);
  const Edge reaped = act(killed.to, a, Act::kDeath);
  EXPECT_EQ(life(reaped, a), Life::kAbsent);
}

TEST_F(StepsTest, WhoIsKilledByAnotherHoldsItsLockForAWhile) {
  const Edge idle = step(b, "kill 1001 9");
  EXPECT_EQ(life(idle, a), Life::kZombie) << "nobody could tell when its files were closed";
  m(a, R"(open cwd "lock" O_RDWR|O_CREAT 0600)");
  m(a, "flock 3 LOCK_EX");
  const Edge killed = step(b, "kill 1001 9");
  EXPECT_EQ(killed.signalled, a);
  EXPECT_EQ(life(killed, a), Life::kDying);
  EXPECT_EQ(store.about(killed.to).lock, kLockHeld);
  EXPECT_EQ(store.about(act(killed.to, a, Act::kDeath).to).lock, kLockFree);
}

TEST_F(StepsTest, OnlyASignalThatArrivesIsASignal) {
  EXPECT_EQ(step(b, "kill 1001 0").signalled, kNone);
  EXPECT_EQ(step(b, "kill 1200 9").signalled, kNone);
  m(b, "pidfd_open 1001");
  EXPECT_EQ(step(b, "pidfd_send_signal 3 15").signalled, a);
  EXPECT_EQ(step(b, "getppid").signalled, kNone);
}

TEST_F(StepsTest, ATimedWaitEndsAtAnyTimeOrInOrder) {
  const NodeRef sleep = script({"sleep 5000000", "close 3"});
  const Edge any = call(here(), a, sleep);
  EXPECT_EQ(any.outcome, Outcome::kDone);
  EXPECT_EQ(at(any.node), "close 3");
  use(Pids::kConcrete, TimeMode::kOrdered);
  const Edge begun = call(here(), a, sleep);
  EXPECT_EQ(begun.outcome, Outcome::kWaits);
  EXPECT_EQ(store.about(begun.to).asleep, 1u << a);
  EXPECT_EQ(call(begun.to, a, sleep).outcome, Outcome::kDisabled);
  const Edge later = act(begun.to, a, Act::kTime);
  EXPECT_EQ(store.about(later.to).waking, 1u << a);
  EXPECT_EQ(call(later.to, a, sleep).outcome, Outcome::kDone);
}

TEST_F(StepsTest, AWaitThatChangesNothingIsDisabled) {
  for (const std::uint8_t slot : {a, b}) m(slot, R"(open cwd "lock" O_RDWR|O_CREAT 0600)");
  m(a, "flock 3 LOCK_SH");
  m(b, "flock 3 LOCK_SH");
  const NodeRef convert = script({"flock 3 LOCK_EX"});
  const Edge edge = call(here(), a, convert);
  EXPECT_EQ(edge.outcome, Outcome::kWaits) << "it has given up its shared lock";
  EXPECT_EQ(edge.node, convert);
  EXPECT_EQ(call(edge.to, a, convert).outcome, Outcome::kDisabled);
}

TEST_F(StepsTest, SaysWhatHappenedToTheFilesWithARole) {
  const auto changed = [&](const char* line) {
    const Edge edge = step(a, line);
    EXPECT_EQ(m(a, line)[0] != 'E', true) << line;
    return std::pair<int, bool>(edge.changed, edge.tree_changed);
  };
  const auto code = [](Change change) { return 1 + static_cast<int>(change); };
  const std::pair<int, bool> nothing = {0, false};
  EXPECT_EQ(changed(R"(open cwd "pid" O_RDWR|O_CREAT 0600)"),
            (std::pair{code(Change::kCreate), true}));
  EXPECT_EQ(changed(R"(write 3 "x")"), (std::pair{code(Change::kWrite), true}));
  EXPECT_EQ(changed("ftruncate 3 0"), (std::pair{code(Change::kTruncate), true}));
  EXPECT_EQ(changed("ftruncate 3 0"), nothing);
  EXPECT_EQ(changed(R"(open cwd "lock" O_RDWR|O_CREAT 0600)"),
            (std::pair{code(Change::kCreate) << 4, true}));
  EXPECT_EQ(changed("flock 4 LOCK_EX"), nothing);
  EXPECT_EQ(changed(R"(rename cwd "lock" cwd "pid")"),
            (std::pair{code(Change::kReplace) | code(Change::kUnlink) << 4, true}));
  EXPECT_EQ(changed(R"(unlink cwd "pid" 0)"), (std::pair{code(Change::kUnlink), true}));
  EXPECT_EQ(changed(R"(write 3 "x")"), nothing) << "no name leads there";
  EXPECT_EQ(changed(R"(mkdir cwd "d" 0700)"), (std::pair{0, true}));
}

TEST_F(StepsTest, CallsThatConcernNobodyElsePassWithTheOneBefore) {
  const NodeRef node = script({"close 3", "getpid", "say claim", "geteuid", "getppid"});
  const Edge edge = call(here(), a, node);
  EXPECT_EQ(at(edge.node), "getppid");
  EXPECT_EQ(edge.says, kSaysClaims);
}

TEST_F(StepsTest, ButThatItOwnsMustBeSeen) {
  const NodeRef node = script({"close 3", "say owns", "getpid", "say gives_up", "getppid"});
  const Edge edge = call(here(), a, node);
  EXPECT_EQ(at(edge.node), "getpid");
  EXPECT_EQ(edge.says, kSaysOwns);
}

TEST_F(StepsTest, AForkedChildGoesOnBehindTheFork) {
  const NodeRef node = script({"fork", "getpid", "getppid"});
  const Edge edge = call(here(), a, node);
  EXPECT_EQ(edge.child, 2);
  EXPECT_EQ(at(edge.child_node), "getppid");
  EXPECT_EQ(at(edge.node), "getppid");
}

TEST_F(StepsTest, AChildWithAnotherProgramNeverDoesAnything) {
  const Edge edge = act(here(), a, Act::kExecChild);
  EXPECT_EQ(edge.child, 2);
  EXPECT_EQ(edge.child_node, kIdleChild);
  EXPECT_EQ(store.get(edge.to).kernel.processes[2].parent, a);
  while (m.fork(a) != kNone) {
  }
  EXPECT_EQ(act(here(), a, Act::kExecChild).outcome, Outcome::kRefused) << "the state is full";
}

TEST_F(StepsTest, WhoIsStoppedCanGoOn) {
  const Edge stopped = act(here(), a, Act::kStop);
  EXPECT_EQ(life(stopped, a), Life::kStopped);
  EXPECT_EQ(act(stopped.to, a, Act::kContinue).to, here());
  EXPECT_EQ(life(act(here(), a, Act::kTerm), a), Life::kZombie);
}

TEST_F(StepsTest, AnOrderOfSlotsIsANumber) {
  const Order order = {7, 1, 0, 3, 2, 5, 6, 4};
  EXPECT_EQ(unpack_order(pack(order)), order);
  EXPECT_EQ(unpack_order(pack(kSameOrder)), kSameOrder);
}

TEST_F(StepsTest, ANewOrderExchangesTheProcesses) {
  use(Pids::kSymbolic, TimeMode::kAnyTime);
  m(b, R"(open cwd "lock" O_RDWR|O_CREAT 0600)");
  const SituationId from = here();
  const Order order = {1, 0, 2, 3, 4, 5, 6, 7};
  const Edge edge = *steps->find({from, pack(order), 0, Act::kReorder});
  EXPECT_EQ(store.get(edge.to).kernel.processes[a].fds[3],
            store.get(from).kernel.processes[b].fds[3] - 1);
  EXPECT_EQ(steps->find({edge.to, pack(order), 0, Act::kReorder})->to, from);
  EXPECT_EQ(steps->size(), 2u);
}

}  // namespace
}  // namespace lockproof::sim
